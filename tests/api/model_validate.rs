//! The command `microseg model validate`, and where its table is shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use test_support::bundle_copy::BundleCopy;
use test_support::command::{
    SHIPPED_MODELS, errors, expect_failure, microseg, output_with_input, send_signal,
};
use test_support::described_model::DescribedModel;
use test_support::wait::eventually;

/// A copy of the reference bundle from before there was validation.
fn not_validated() -> BundleCopy {
    let copy = BundleCopy::make();
    copy.edit_manifest(|manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        files.remove("validation.json");
    });
    let _ = fs::remove_file(copy.file("validation.json"));
    copy
}

fn validate(bundle: &Path, arguments: &[&str]) -> Output {
    let mut command = microseg();
    command.args(["model", "validate"]).arg(bundle);
    command.args(arguments).output().unwrap()
}

fn validated(bundle: &Path, arguments: &[&str]) -> Value {
    let output = validate(bundle, arguments);
    assert!(output.status.success(), "{}", errors(&output));
    serde_json::from_slice(&fs::read(bundle.join("validation.json")).unwrap()).unwrap()
}

fn checked(bundle: &Path) -> String {
    let mut command = microseg();
    let output = command.args(["model", "check"]).arg(bundle).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn journal_of(bundle: &Path) -> PathBuf {
    bundle.with_file_name(".1.validation.ndjson")
}

#[tokio::test]
async fn validated_bundle_shows_its_table_everywhere_and_keeps_its_network() {
    let copy = not_validated();
    let before = copy.json("manifest.json");
    assert!(checked(&copy.bundle()).contains("its explanations are not validated"));
    let validation = validated(&copy.bundle(), &["--customers", "2"]);

    let mut after = copy.json("manifest.json");
    let listed = after["files"].as_object_mut().unwrap();
    assert!(listed.remove("validation.json").is_some());
    listed["MODEL_CARD.md"] = before["files"]["MODEL_CARD.md"].clone();
    assert_eq!(after, before);
    assert!(!checked(&copy.bundle()).contains("not validated"));
    assert!(!journal_of(&copy.bundle()).exists());

    let rows = validation["rows"].as_array().unwrap();
    let pairs: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| {
            (
                row["customers"].as_str().unwrap(),
                row["level"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!((rows.len(), pairs.len()), (18, 18));
    assert!(pairs.contains(&("6 to 11 classes", "cell")), "{pairs:?}");
    let of_classes = rows.iter().filter(|row| row["level"] == "class");
    for row in of_classes {
        assert_eq!(
            row["explanations"].as_u64().unwrap() + row["refused"].as_u64().unwrap(),
            2
        );
        assert!(
            row["relative_standard_error"].as_f64().unwrap() < 0.1,
            "{row}"
        );
        assert!(row["additivity_r2"].as_f64().unwrap() > 0.5, "{row}");
    }
    let card = fs::read_to_string(copy.file("MODEL_CARD.md")).unwrap();
    assert_eq!(card.matches("\n## How explanations fare\n").count(), 1);
    assert_eq!(card.matches("\n| 3 classes | ").count(), 3);

    let server = copy.start(&[]);
    let detail = server.get_json("/v1/models/spending-personality").await;
    assert_eq!(detail["validation"], validation);
    let surrogate = server
        .get_json("/v1/models/spending-personality/surrogate")
        .await;
    let gates = &surrogate["time_scales"]["forget_gates"];
    assert_eq!(gates, &validation["forget_gates"]);
    let cells = gates["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 8);
    for cell in cells {
        let mean = cell["mean"].as_f64().unwrap();
        let half_life = cell["half_life"].as_f64().unwrap();
        assert!((0.0..1.0).contains(&mean), "{cell}");
        assert!((mean.powf(half_life) - 0.5).abs() < 1e-9, "{cell}");
    }
    let page = server.get("/models/spending-personality").await;
    let page = page.text().await.unwrap();
    assert_eq!(
        page.matches("<th scope=\"rowgroup\" rowspan=\"3\">")
            .count(),
        6
    );
    let metrics = server.get("/metrics").await.text().await.unwrap();
    let share = "microseg_validated_ok_share{model=\"spending-personality\",version=\"1\",method=\"shapley\",\
                 level=\"class\",customers=\"as simulated\"}";
    assert!(metrics.contains(share), "{metrics}");
}

#[tokio::test]
async fn bundle_without_validation_is_served_and_says_so() {
    let server = not_validated().start(&[]);
    let detail = server.get_json("/v1/models/spending-personality").await;
    assert_eq!(detail["validation"], Value::Null);
    let page = server.get("/models/spending-personality").await;
    assert!(page.text().await.unwrap().contains("<p>Not validated:"));
    let metrics = server.get("/metrics").await.text().await.unwrap();
    assert!(!metrics.contains("microseg_validated_ok_share"));
}

#[test]
fn same_seed_gives_the_same_table_on_any_number_of_threads() {
    let (one, other) = (not_validated(), not_validated());
    let of = |copy: &BundleCopy, threads, seed| {
        let arguments = ["--customers", "2", "--threads", threads, "--seed", seed];
        validated(&copy.bundle(), &arguments)
    };
    let first = of(&one, "1", "5");
    assert_eq!(first, of(&other, "3", "5"));
    assert_ne!(first["rows"], of(&other, "3", "6")["rows"]);
}

#[tokio::test]
async fn interrupted_validation_leaves_the_bundle_and_goes_on() {
    let copy = not_validated();
    let manifest = fs::read(copy.file("manifest.json")).unwrap();
    let journal = journal_of(&copy.bundle());
    let mut command = microseg();
    command.args(["model", "validate", "--customers", "100000"]);
    command.arg(copy.bundle()).stderr(Stdio::piped());
    let process = command.spawn().unwrap();
    eventually("some customers are explained", async || {
        let lines = fs::read_to_string(&journal).unwrap_or_default();
        (lines.lines().count() > 9).then_some(())
    })
    .await;
    // Two processes would explain each customer twice.
    expect_failure(
        microseg().args(["model", "validate"]).arg(copy.bundle()),
        "another process validates this bundle",
    );
    send_signal(process.id(), "INT");
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", errors(&output));
    assert!(errors(&output).contains("interrupted: the same command goes on from here"));
    assert_eq!(fs::read(copy.file("manifest.json")).unwrap(), manifest);

    let resumed = validate(&copy.bundle(), &["--customers", "1"]);
    assert!(resumed.status.success());
    assert!(
        errors(&resumed).contains("6 of 6 customers were explained before"),
        "{}",
        errors(&resumed)
    );
    let other = not_validated();
    validated(&other.bundle(), &["--customers", "1"]);
    let table = |copy: &BundleCopy| fs::read(copy.file("validation.json")).unwrap();
    assert_eq!(table(&copy), table(&other));
}

#[tokio::test]
async fn table_of_another_network_does_not_count() {
    let copy = not_validated();
    let mut validation = validated(&copy.bundle(), &["--customers", "1"]);
    validation["network_sha256"] = json!("0".repeat(64));
    copy.replace("validation.json", validation.to_string().as_bytes());
    let server = copy.start(&[]);
    let detail = server.get_json("/v1/models/spending-personality").await;
    assert_eq!(detail["validation"], Value::Null);
}

#[test]
fn faulty_table_is_refused_with_its_place() {
    let copy = not_validated();
    let mut validation = validated(&copy.bundle(), &["--customers", "1"]);
    validation["rows"][2]["confirmed"] = json!(2.0);
    copy.replace("validation.json", validation.to_string().as_bytes());
    copy.expect_refused("validation.json: row 3: confirmed is not 0 to 1");
    copy.replace("validation.json", b"{}");
    copy.expect_refused("validation.json: missing field");
}

#[test]
fn bundle_that_cannot_be_validated_is_refused_with_the_reason() {
    let none = tempfile::tempdir().unwrap();
    let missing = none.path().join("7");
    expect_failure(
        microseg().args(["model", "validate"]).arg(&missing),
        "7: No such file",
    );
    let copy = not_validated();
    let mut command = microseg();
    command.args(["model", "validate", "--customers", "0"]);
    let output = command.arg(copy.bundle()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    // None of its classes and codes are those of the simulated customers.
    let custom = test_support::custom_model::CustomModel::make();
    assert!(custom.build("models").status().unwrap().success());
    let mut command = microseg();
    command.args(["model", "validate", "--customers", "1"]);
    command.arg(custom.bundle("models"));
    expect_failure(
        &mut command,
        "the model reads no simulated customer, of 6 that were tried",
    );
}

#[test]
fn network_of_events_is_validated_at_its_events_too() {
    let folder = tempfile::tempdir().unwrap();
    let model = DescribedModel::build(folder.path(), "event-gru", |_| {});
    let bundle = model.models().join("event-gru").join("1");
    let validation = validated(&bundle, &["--customers", "1"]);
    let rows = validation["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 24);
    let events = rows.iter().filter(|row| row["level"] == "event");
    assert_eq!(events.count(), 6);
    // A GRU has no memory that a gate alone decides on.
    assert_eq!(validation.get("forget_gates"), None);
}

#[tokio::test]
async fn shipped_bundles_are_validated() {
    for name in [
        "spending-personality",
        "spending-features",
        "spending-events",
    ] {
        let bundle = Path::new(SHIPPED_MODELS).join(name).join("1");
        let text = fs::read(bundle.join("validation.json")).unwrap();
        let validation: Value = serde_json::from_slice(&text).unwrap();
        assert!(!checked(&bundle).contains("not validated"), "{name}");
        for row in validation["rows"].as_array().unwrap() {
            let of = row["explanations"].as_u64().unwrap() + row["refused"].as_u64().unwrap();
            assert_eq!(validation["customers"], of, "{name}: {row}");
        }
    }
}

/// The numbers of a tensor in a TorchScript file, a zip without compression.
fn tensor(file: &[u8], name: &str) -> Vec<f64> {
    let find = |from: usize, what: &[u8]| {
        let places = file[from..].windows(what.len());
        from + { places }
            .enumerate()
            .find(|(_, window)| *window == what)
            .unwrap()
            .0
    };
    // The header of a file: 30 bytes, its name, and bytes that align what follows.
    let named = find(0, name.as_bytes());
    let header = named - 30;
    assert_eq!(file[header..header + 4], *b"PK\x03\x04");
    let short = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let begin = named + short(header + 26) + short(header + 28);
    let bytes = &file[begin..];
    // Where the length is not in the header, the next header ends it.
    let end = find(begin, b"PK\x07\x08") - begin;
    let numbers = bytes[..end].chunks_exact(4);
    numbers
        .map(|number| f64::from(f32::from_le_bytes(number.try_into().unwrap())))
        .collect()
}

/// The means of an LSTM's forget gates, by its parameters as PyTorch orders them: input, forget, cell, output.
fn gates_by_parameters(file: &[u8], profile: &[Vec<f64>]) -> Vec<f64> {
    const CELLS: usize = 8;
    let [of_inputs, of_states, bias, other_bias] = [
        "model/data/0",
        "model/data/1",
        "model/data/2",
        "model/data/3",
    ]
    .map(|name| tensor(file, name));
    let sigmoid = |number: f64| 1.0 / (1.0 + (-number).exp());
    let (mut hidden, mut memory) = ([0.0; CELLS], [0.0; CELLS]);
    let mut sums = [0.0; CELLS];
    for shares in profile {
        let dot = |weights: &[f64], row: usize, numbers: &[f64]| {
            let weights = &weights[row * numbers.len()..];
            let products = weights
                .iter()
                .zip(numbers)
                .map(|(weight, number)| weight * number);
            products.sum::<f64>()
        };
        let sum = |row: usize| {
            dot(&of_inputs, row, shares)
                + dot(&of_states, row, &hidden)
                + bias[row]
                + other_bias[row]
        };
        let mut next = hidden;
        for cell in 0..CELLS {
            let [input, forget, new, output] = [0, 1, 2, 3].map(|gate| sum(gate * CELLS + cell));
            sums[cell] += sigmoid(forget);
            memory[cell] = sigmoid(forget) * memory[cell] + sigmoid(input) * new.tanh();
            next[cell] = sigmoid(output) * memory[cell].tanh();
        }
        hidden = next;
    }
    let steps = f64::from(u32::try_from(profile.len()).unwrap());
    sums.iter().map(|sum| sum / steps).collect()
}

#[test]
fn forget_gates_are_those_of_the_parameters() {
    let copy = not_validated();
    let validation = validated(&copy.bundle(), &["--customers", "1", "--seed", "3"]);
    let simulated = microseg()
        .args(["simulate", "--customers", "1", "--seed", "3"])
        .output()
        .unwrap();
    let encoded = output_with_input(microseg().args(["encode", "-"]), &simulated.stdout);
    let encoded: Value = serde_json::from_slice(&encoded.stdout).unwrap();
    let rows = encoded["profile"].as_array().unwrap();
    let row = |row: &Value| {
        let shares = row.as_array().unwrap().iter();
        shares.map(|share| share.as_f64().unwrap()).collect()
    };
    let profile: Vec<Vec<f64>> = rows.iter().map(row).collect();
    let expected = gates_by_parameters(&fs::read(copy.file("model.pt")).unwrap(), &profile);
    let gates = &validation["forget_gates"];
    assert_eq!(gates["steps"], profile.len());
    for (cell, expected) in gates["cells"].as_array().unwrap().iter().zip(expected) {
        let mean = cell["mean"].as_f64().unwrap();
        assert!((mean - expected).abs() < 1e-3, "{cell} {expected}");
    }
}
