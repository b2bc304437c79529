//! Tests of the manifest.

use super::*;
use microseg_space::example;
use serde_json::{Value, json};

fn manifest() -> Value {
    let checksum = "0".repeat(64);
    json!({
        "schema_version": 2, "name": "example", "version": "1",
        "files": {"model.pt": checksum, "taxonomy.csv": checksum, "golden.json": checksum, "MODEL_CARD.md": checksum},
        "classes": ["a", "b", "c"], "period": "month", "window": 12, "layers": 1, "hidden_size": 2, "outputs": ["o"],
        "population": example::population(), "segments": example::segments(), "attractors": example::attractors(),
        "surrogate": example::surrogate(),
    })
}

fn parse(document: &Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(document.to_string().as_bytes())
}

#[test]
fn manifest_gives_the_shape_of_the_network() {
    let shape = parse(&manifest()).unwrap().shape().clone();
    assert_eq!(
        (
            shape.numbers,
            shape.recurrent_state[0].layers,
            shape.hidden_size,
            shape.outputs
        ),
        (3, 1, 2, 1)
    );
}

#[test]
fn wrong_member_is_named() {
    let checksum = "0".repeat(64);
    for (member, value, part) in [
        ("schema_version", json!(4), "schema_version is 4"),
        ("name", json!("../x"), "name"),
        ("version", json!("01"), "version"),
        ("version", json!("v1"), "version"),
        (
            "files",
            json!({"model.pt": checksum}),
            "taxonomy.csv has no checksum",
        ),
        ("classes", json!(["a", "a"]), "classes: `a` stands twice"),
        (
            "classes",
            json!(["a", "b"]),
            "population: shares: expected 2 of them, found 3",
        ),
        ("classes", json!([]), "classes"),
        ("window", json!(0), "window"),
        ("hidden_size", json!(1_000_000_000), "hidden_size"),
        ("outputs", json!([""]), "outputs"),
        ("outputs", json!(["state.0"]), "outputs"),
        ("surprise", json!(1), "surprise"),
        ("period", json!("decade"), "decade"),
    ] {
        let mut document = manifest();
        document[member] = value;
        let message = parse(&document).unwrap_err().to_string();
        assert!(message.contains(part), "{member}: {message}");
    }
}

#[test]
fn manifest_of_an_older_form_is_refused_for_its_version() {
    let mut document = manifest();
    document["schema_version"] = json!(1);
    for table in ["population", "segments", "attractors", "surrogate"] {
        document.as_object_mut().unwrap().remove(table);
    }
    let message = parse(&document).unwrap_err().to_string();
    let part = "schema_version is 1, this program reads 2 and 3";
    assert!(message.starts_with(part), "{message}");
    document["schema_version"] = json!(2);
    let message = parse(&document).unwrap_err().to_string();
    assert!(message.contains("population"), "{message}");
}

#[test]
fn file_names_outside_the_bundle_are_refused() {
    for name in [
        "../model.pt",
        "/etc/passwd",
        ".hidden",
        "a\\b",
        "",
        "reasons/../model.pt",
        "reasons/..json",
        "other/en.json",
    ] {
        let mut document = manifest();
        document["files"][name] = json!("0".repeat(64));
        assert!(parse(&document).is_err(), "{name}");
    }
    let mut document = manifest();
    document["files"]["reasons/de-at.json"] = json!("0".repeat(64));
    parse(&document).unwrap();
}
