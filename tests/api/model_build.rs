//! The command `microseg model build`, from a network and histories to a bundle that is served.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use test_support::command::{expect_failure, microseg};
use test_support::custom_model::{self, CLASSES, CustomModel, monthly_history};
use test_support::server::Server;

/// The files of a folder and its subfolders by name, such as `reasons/en.json`.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let inside = self::files(&path).into_iter();
            files.extend(inside.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            files.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
    files
}

#[tokio::test]
async fn custom_network_is_built_checked_and_served() {
    let model = CustomModel::make();
    assert!(model.build("models").status().unwrap().success());
    let checked = microseg()
        .args(["model", "check"])
        .arg(model.bundle("models"))
        .output()
        .unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(
        text.starts_with("custom version 3 is sound: 11 classes, 4 states, 3 outputs"),
        "{text}"
    );

    let server = Server::start_on(&model.path("models"), &[]);
    let scoring = server
        .ask("/v1/score", &monthly_history(13, false), 200)
        .await;
    assert_eq!(scoring["features"]["state"].as_array().unwrap().len(), 4);
    assert!(scoring["traits"]["bold"].is_number());
    assert!(scoring["trajectory"][0]["period"].as_str().unwrap().len() == "2019-01".len());
    let explained = server
        .ask("/v1/explain", &monthly_history(13, false), 201)
        .await;
    assert_eq!(explained["targets"].as_array().unwrap().len(), 3);
}

#[test]
fn same_histories_and_seed_give_the_same_bundle() {
    let model = CustomModel::make();
    assert!(model.build("once").status().unwrap().success());
    assert!(model.build("twice").status().unwrap().success());
    let once = files(&model.bundle("once"));
    assert_eq!(once, files(&model.bundle("twice")));
    let names: Vec<&str> = once.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "MODEL_CARD.md",
            "golden.json",
            "manifest.json",
            "model.pt",
            "reasons/en.json",
            "taxonomy.csv"
        ]
    );
}

#[test]
fn built_tables_have_the_documented_content() {
    let model = CustomModel::make();
    let card = model.path("CARD.md");
    fs::write(&card, "# Ours\n").unwrap();
    let mut command = model.build("models");
    command
        .arg("--card")
        .arg(&card)
        .args(["--provenance", "made by=us"]);
    command
        .arg("--compare")
        .arg(format!("again={}", custom_model::NETWORK));
    assert!(command.status().unwrap().success());
    let bundle = files(&model.bundle("models"));
    let manifest: Value = serde_json::from_slice(&bundle["manifest.json"]).unwrap();

    assert_eq!(manifest["provenance"]["made by"], "us");
    assert_eq!(manifest["population"]["customers"], 150);
    let shares = manifest["population"]["shares"]["mean"].as_array().unwrap();
    let sum: f64 = shares.iter().map(|share| share.as_f64().unwrap()).sum();
    // Every month between a customer's first and last has spending.
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    assert_eq!(manifest["surrogate"]["customers"]["fitted"], 135);
    assert_eq!(manifest["surrogate"]["customers"]["held_out"], 15);

    let comparison = manifest["segments"]["comparison"].as_array().unwrap();
    let features: Vec<&str> = comparison
        .iter()
        .map(|row| row["features"].as_str().unwrap())
        .collect();
    assert_eq!(features, ["states", "traits", "again"]);
    // The same features under another name give the same numbers.
    assert_eq!(comparison[0]["leaves"], comparison[2]["leaves"]);
    assert_eq!(comparison[0]["stability"], comparison[2]["stability"]);
    // Half of the customers favour one class and half another: the first split must separate them.
    assert!(comparison[0]["first_split_stability"].as_f64().unwrap() > 0.8);

    let basins = manifest["attractors"]["attractors"]
        .as_array()
        .unwrap()
        .iter();
    let drawn: f64 = basins.map(|one| one["basin"].as_f64().unwrap()).sum();
    let unsettled = manifest["attractors"]["search"]["unsettled_share"]
        .as_f64()
        .unwrap();
    assert!((drawn + unsettled - 1.0).abs() < 1e-9);

    let reasons = &bundle["reasons/en.json"];
    let checksum = hex::encode(Sha256::digest(reasons));
    assert_eq!(manifest["files"]["reasons/en.json"], checksum);
    let reasons: Value = serde_json::from_slice(reasons).unwrap();
    let codes = reasons["codes"].as_array().unwrap();
    assert_eq!(codes.len(), 1 + CLASSES);
    let last = json!({"code": "R011", "class": "class-10", "text": "class 10"});
    assert_eq!(codes[CLASSES], last);
    let bold = json!({"name": "bold", "text": "bold"});
    assert_eq!(reasons["targets"]["outputs"][1], bold);

    let card = String::from_utf8(bundle["MODEL_CARD.md"].clone()).unwrap();
    assert!(card.starts_with("# Ours\n\n## Population\n"));
    for heading in ["## Micro-segments", "## Global surrogate", "## Attractors"] {
        assert!(card.contains(heading), "{heading}");
    }
}

#[test]
fn unfitting_input_is_refused_with_its_name() {
    let model = CustomModel::make();
    let taxonomy = fs::read_to_string(model.path("taxonomy.csv")).unwrap();
    let ten_classes: Vec<&str> = taxonomy.lines().take(CLASSES).collect();
    fs::write(model.path("ten.csv"), ten_classes.join("\n")).unwrap();
    for (flag, value, part) in [
        ("--network", "no.pt", "no.pt: "),
        ("--network", "taxonomy.csv", "taxonomy.csv: libtorch: "),
        ("--taxonomy", "ten.csv", "custom.pt: libtorch: "),
        (
            "--outputs",
            "a,b",
            "the network has 3 outputs, but 2 names were given",
        ),
        ("--name", "No Name", "name: expected 1 to 64"),
        ("--window", "0", "window: expected 1 to"),
        ("--hidden-size", "7", "custom.pt: "),
        ("--compare", "x=missing.pt", "missing.pt: "),
    ] {
        expect_failure(&mut model.build_with("models", &[(flag, value)]), part);
        assert!(!model.bundle("models").exists());
    }
}

#[test]
fn bad_histories_end_the_build_and_keep_the_old_bundle() {
    let model = CustomModel::make();
    assert!(model.build("models").status().unwrap().success());
    let before = files(&model.bundle("models"));
    expect_failure(&mut model.build("models"), "is there already: --replace");

    let mut histories = fs::read_to_string(model.path("histories.ndjson")).unwrap();
    histories.push_str("\n{\"transactions\": [{\"timestamp\": \"2020-13-01\"}]}\n");
    fs::write(model.path("histories.ndjson"), histories).unwrap();
    expect_failure(model.build("models").arg("--replace"), "line 151: ");
    assert_eq!(files(&model.bundle("models")), before);

    let few: Vec<String> = (0..20)
        .map(|customer| monthly_history(customer, false).to_string())
        .collect();
    fs::write(model.path("histories.ndjson"), few.join("\n")).unwrap();
    let part = "the histories hold 20 customers, expected at least 50";
    expect_failure(model.build("models").arg("--replace"), part);
    assert_eq!(files(&model.bundle("models")), before);
    // No partial bundle is beside it.
    let beside = fs::read_dir(model.path("models/custom")).unwrap();
    assert_eq!(beside.count(), 1);
}
