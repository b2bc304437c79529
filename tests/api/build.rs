//! `microseg model build`: anyone's network becomes a bundle that can be served.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::server::{Server, expect_failure, microseg};

pub(crate) const CLASSES: usize = 11;
const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/outsider.pt");

/// Somebody's network, taxonomy and histories: monthly, eleven classes, outputs of another name.
pub(crate) struct Outsider {
    folder: TempDir,
    network: &'static str,
}

impl Outsider {
    /// Two layers, of random weights.
    fn new() -> Self {
        Self::of(NETWORK, false)
    }

    /// `gaps` leaves months without spending: these tell what no spending does from what all classes share.
    pub(crate) fn of(network: &'static str, gaps: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut taxonomy = "class,title,group,mcc,source\n".to_owned();
        for class in 0..CLASSES {
            writeln!(
                taxonomy,
                "class-{class},Class {class},all,{},own",
                1000 + class
            )
            .unwrap();
        }
        fs::write(folder.path().join("taxonomy.csv"), taxonomy).unwrap();
        let histories: Vec<String> = (0..150)
            .map(|customer| history(customer, gaps).to_string())
            .collect();
        fs::write(folder.path().join("histories.ndjson"), histories.join("\n")).unwrap();
        Self { folder, network }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bundle(&self, models: &str) -> PathBuf {
        self.path(models).join("outsider/3")
    }

    pub(crate) fn build(&self, models: &str) -> Command {
        let mut command = microseg();
        command
            .args(["model", "build"])
            .arg(self.path("histories.ndjson"))
            .args([
                "--network",
                self.network,
                "--name",
                "outsider",
                "--version",
                "3",
            ])
            .args([
                "--period",
                "month",
                "--window",
                "14",
                "--outputs",
                "calm,bold,shy",
            ])
            .arg("--taxonomy")
            .arg(self.path("taxonomy.csv"))
            .arg("--into")
            .arg(self.path(models))
            .stdout(Stdio::null());
        command
    }
}

/// Customers of two kinds, so that there is something to find; from one to fourteen months long.
fn history(customer: usize, gaps: bool) -> Value {
    let months = 1 + (customer * 5) % 14;
    let favourite = if customer.is_multiple_of(2) { 1 } else { 8 };
    let mut transactions = Vec::new();
    for month in 0..months {
        if gaps && month > 0 && (customer + month) % 7 == 3 && month + 1 < months {
            continue;
        }
        for booking in 0..6 {
            let class = if booking < 3 {
                favourite
            } else {
                (customer * 7 + month * 3 + booking) % CLASSES
            };
            let amount = -(5 + (customer * 31 + month * 17 + booking * 13) % 90).cast_signed();
            let (year, month) = (2019 + month / 12, 1 + month % 12);
            transactions.push(json!({
                "timestamp": format!("{year}-{month:02}-{:02}", 1 + booking),
                "amount": amount,
                "class": format!("class-{class}"),
            }));
        }
    }
    json!({"customer_id": format!("c-{customer}"), "transactions": transactions})
}

/// Every file by its name, those in folders too: `reasons/en.json`.
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
async fn anyones_network_is_built_checked_and_served() {
    let outsider = Outsider::new();
    assert!(outsider.build("models").status().unwrap().success());
    let checked = microseg()
        .args(["model", "check"])
        .arg(outsider.bundle("models"))
        .output()
        .unwrap();
    let says = String::from_utf8(checked.stdout).unwrap();
    assert!(
        says.starts_with("outsider version 3 is sound: 11 classes, 4 states, 3 outputs"),
        "{says}"
    );

    let mut server = Server::spawn(&outsider.path("models"), &[]);
    server.await_event("ready");
    let scoring = server.ask("/v1/score", &history(13, false), 200).await;
    assert_eq!(scoring["features"]["state"].as_array().unwrap().len(), 4);
    assert!(scoring["traits"]["bold"].is_number());
    assert!(scoring["trajectory"][0]["period"].as_str().unwrap().len() == "2019-01".len());
    let explained = server.ask("/v1/explain", &history(13, false), 201).await;
    assert_eq!(explained["targets"].as_array().unwrap().len(), 3);
}

#[test]
fn the_same_histories_and_seed_give_the_same_bytes() {
    let outsider = Outsider::new();
    assert!(outsider.build("once").status().unwrap().success());
    assert!(outsider.build("twice").status().unwrap().success());
    let once = files(&outsider.bundle("once"));
    assert_eq!(once, files(&outsider.bundle("twice")));
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
fn the_tables_hold_what_they_promise() {
    let outsider = Outsider::new();
    let card = outsider.path("CARD.md");
    fs::write(&card, "# Ours\n").unwrap();
    let mut command = outsider.build("models");
    command
        .arg("--card")
        .arg(&card)
        .args(["--provenance", "made by=us"]);
    command.arg("--compare").arg(format!("again={NETWORK}"));
    assert!(command.status().unwrap().success());
    let bundle = files(&outsider.bundle("models"));
    let manifest: Value = serde_json::from_slice(&bundle["manifest.json"]).unwrap();

    assert_eq!(manifest["provenance"]["made by"], "us");
    assert_eq!(manifest["population"]["customers"], 150);
    let shares = manifest["population"]["shares"]["mean"].as_array().unwrap();
    let sum: f64 = shares.iter().map(|share| share.as_f64().unwrap()).sum();
    // No month between the first and the last is without spending.
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    assert_eq!(manifest["surrogate"]["customers"]["fitted"], 135);
    assert_eq!(manifest["surrogate"]["customers"]["held_out"], 15);

    let comparison = manifest["segments"]["comparison"].as_array().unwrap();
    let features: Vec<&str> = comparison
        .iter()
        .map(|row| row["features"].as_str().unwrap())
        .collect();
    assert_eq!(features, ["states", "traits", "again"]);
    // The same features by another name come out the same.
    assert_eq!(comparison[0]["leaves"], comparison[2]["leaves"]);
    assert_eq!(comparison[0]["stability"], comparison[2]["stability"]);
    // Half of the customers favour one class, half another: the first split must find them.
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
fn what_does_not_fit_is_refused_by_name() {
    let outsider = Outsider::new();
    let cases: [(&str, &[&str], &str); 8] = [
        ("no.pt", &["--network"], "no.pt: "),
        ("taxonomy.csv", &["--network"], "taxonomy.csv: libtorch: "),
        ("ten.csv", &["--taxonomy"], "outsider.pt: libtorch: "),
        (
            "a,b",
            &["--outputs"],
            "the network has 3 outputs, but 2 names were given",
        ),
        ("No Name", &["--name"], "name: expected 1 to 64"),
        ("0", &["--window"], "window: expected 1 to"),
        ("7", &["--hidden-size"], "outsider.pt: "),
        ("x=missing.pt", &["--compare"], "missing.pt: "),
    ];
    let ten = fs::read_to_string(outsider.path("taxonomy.csv")).unwrap();
    let ten: Vec<&str> = ten.lines().take(CLASSES).collect();
    fs::write(outsider.path("ten.csv"), ten.join("\n")).unwrap();
    for (value, flag, part) in cases {
        let mut command = outsider.build("models");
        // The last of two equal flags would be refused by the command line: replace the first one.
        let arguments: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
        let mut replaced = microseg();
        let mut skip = false;
        for argument in arguments {
            if !skip && argument.to_str() != Some(flag[0]) {
                replaced.arg(&argument);
            }
            skip = argument.to_str() == Some(flag[0]);
        }
        replaced
            .current_dir(outsider.folder.path())
            .arg(flag[0])
            .arg(value);
        command = replaced;
        expect_failure(&mut command, part);
        assert!(!outsider.bundle("models").exists());
    }
}

#[test]
fn a_bad_line_ends_the_build_and_leaves_what_was_there() {
    let outsider = Outsider::new();
    assert!(outsider.build("models").status().unwrap().success());
    let before = files(&outsider.bundle("models"));
    expect_failure(&mut outsider.build("models"), "is there already: --replace");

    let mut histories = fs::read_to_string(outsider.path("histories.ndjson")).unwrap();
    histories.push_str("\n{\"transactions\": [{\"timestamp\": \"2020-13-01\"}]}\n");
    fs::write(outsider.path("histories.ndjson"), histories).unwrap();
    expect_failure(outsider.build("models").arg("--replace"), "line 151: ");
    assert_eq!(files(&outsider.bundle("models")), before);

    let few: Vec<String> = (0..20)
        .map(|customer| history(customer, false).to_string())
        .collect();
    fs::write(outsider.path("histories.ndjson"), few.join("\n")).unwrap();
    let part = "the histories hold 20 customers, expected at least 50";
    expect_failure(outsider.build("models").arg("--replace"), part);
    assert_eq!(files(&outsider.bundle("models")), before);
    // Nothing half-made lies beside it.
    let beside = fs::read_dir(outsider.path("models/outsider")).unwrap();
    assert_eq!(beside.count(), 1);
}
