//! Bundles that must not load: `model check` and `serve` name the fault and end with 1.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::server::{MODELS, expect_failure, microseg};

/// A copy of the reference bundle to break.
pub(crate) struct Copy {
    models: TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let copy = Self {
            models: tempfile::tempdir().unwrap(),
        };
        copy_bundle(
            &Path::new(MODELS).join("spending-personality/1"),
            &copy.bundle(),
        );
        copy
    }

    pub(crate) fn models(&self) -> &Path {
        self.models.path()
    }

    pub(crate) fn bundle(&self) -> PathBuf {
        self.models.path().join("spending-personality/1")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.bundle().join(name)
    }

    /// Changes the manifest as a careful forger would: everything still parses.
    pub(crate) fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        edit_manifest(&self.bundle(), edit);
    }

    /// Replaces a file and its checksum.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) {
        fs::write(self.file(name), bytes).unwrap();
        self.edit_manifest(|manifest| {
            manifest["files"][name] = hex::encode(Sha256::digest(bytes)).into();
        });
    }

    /// Both ways to load it fail, and both name the fault.
    pub(crate) fn expect_refused(&self, part: &str) {
        expect_failure(
            microseg().arg("model").arg("check").arg(self.bundle()),
            part,
        );
        expect_failure(&mut serve(self.models.path()), part);
    }
}

/// Changes the manifest of a bundle.
pub(crate) fn edit_manifest(bundle: &Path, edit: impl FnOnce(&mut Value)) {
    let file = bundle.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    edit(&mut manifest);
    fs::write(file, manifest.to_string()).unwrap();
}

/// Copies the files of a bundle and its reasons.
pub(crate) fn copy_bundle(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("reasons")).unwrap();
    for folder in ["", "reasons"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(path.strip_prefix(from).unwrap())).unwrap();
            }
        }
    }
}

/// The server on some folder of models.
fn serve(models: &Path) -> Command {
    let mut command = microseg();
    command
        .args(["serve", "--addr", "127.0.0.1:0", "--models"])
        .arg(models);
    command
}

#[test]
fn the_reference_bundle_is_sound() {
    let check = microseg()
        .args(["model", "check", "models/spending-personality/1"])
        .output()
        .unwrap();
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.success() && text.contains("is sound"),
        "{text}"
    );
}

#[test]
fn a_flipped_byte_is_named() {
    let copy = Copy::new();
    let mut bytes = fs::read(copy.file("model.pt")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(copy.file("model.pt"), bytes).unwrap();
    copy.expect_refused("model.pt: SHA-256 is");
}

#[test]
fn a_missing_file_is_named() {
    for file in [
        "model.pt",
        "manifest.json",
        "taxonomy.csv",
        "golden.json",
        "MODEL_CARD.md",
        "reasons/en.json",
    ] {
        let copy = Copy::new();
        fs::remove_file(copy.file(file)).unwrap();
        copy.expect_refused(file);
    }
}

/// Tables for a state of 16 dimensions instead of 8, which fit each other but not the network.
fn widen(manifest: &mut Value) {
    let lengthen = |list: &mut Value, fill: Value| {
        list.as_array_mut().unwrap().resize(16, fill);
    };
    manifest["hidden_size"] = 16.into();
    for numbers in ["states", "final_states"] {
        for member in ["mean", "deviation"] {
            lengthen(&mut manifest["population"][numbers][member], 0.0.into());
        }
    }
    for segment in manifest["segments"]["segments"].as_array_mut().unwrap() {
        lengthen(&mut segment["center"], 0.0.into());
    }
    manifest["attractors"]["attractors"] = json!([]);
    let surrogate = &mut manifest["surrogate"];
    for matrix in ["A", "D"] {
        for row in surrogate[matrix].as_array_mut().unwrap() {
            lengthen(row, 0.0.into());
        }
    }
    lengthen(&mut surrogate["A"], json!(vec![0.0; 16]));
    lengthen(&mut surrogate["B"], json!(vec![0.0; 97]));
    lengthen(&mut surrogate["c"], 0.0.into());
    let fidelity = &mut surrogate["fidelity"]["states"];
    let last = fidelity[0].clone();
    lengthen(fidelity, last);
}

#[test]
fn a_shape_that_disagrees_is_named() {
    let copy = Copy::new();
    copy.edit_manifest(|manifest| manifest["hidden_size"] = 16.into());
    copy.expect_refused("manifest.json: population: states: expected 16 of them, found 8");

    let copy = Copy::new();
    copy.edit_manifest(widen);
    copy.expect_refused("golden.json: case");

    let copy = Copy::new();
    copy.edit_manifest(|manifest| {
        manifest["classes"].as_array_mut().unwrap().swap(0, 1);
    });
    copy.expect_refused("taxonomy.csv: its spending classes");

    // Golden cases that were made to fit: the network itself still disagrees.
    let copy = Copy::new();
    let zeros = |width: usize| json!([vec![0.0; width]]);
    let case =
        json!({"name": "forged", "input": zeros(97), "states": zeros(16), "outputs": zeros(5)});
    copy.replace(
        "golden.json",
        json!({"cases": [case]}).to_string().as_bytes(),
    );
    copy.edit_manifest(widen);
    copy.expect_refused("model.pt: ");
}

#[test]
fn a_table_that_does_not_fit_is_named_with_its_member() {
    type Fault = (&'static str, fn(&mut Value));
    let faults: [Fault; 5] = [
        (
            "population: outputs: expected 5 of them, found 4",
            |tables| {
                pop(&mut tables["population"]["outputs"]["mean"]);
            },
        ),
        ("segments: center: expected 8 of them, found 7", |tables| {
            pop(&mut tables["segments"]["segments"][0]["center"]);
        }),
        ("surrogate: B: expected 97 of them, found 96", |tables| {
            pop(&mut tables["surrogate"]["B"][7]);
        }),
        ("surrogate: D: expected 5 of them, found 4", |tables| {
            pop(&mut tables["surrogate"]["D"]);
        }),
        ("missing field `attractors`", |tables| {
            tables.as_object_mut().unwrap().remove("attractors");
        }),
    ];
    for (message, spoil) in faults {
        let copy = Copy::new();
        copy.edit_manifest(spoil);
        copy.expect_refused(&format!("manifest.json: {message}"));
    }
}

/// Takes the last item away.
fn pop(list: &mut Value) {
    list.as_array_mut().unwrap().pop().unwrap();
}

#[test]
fn a_manifest_from_before_the_tables_is_refused_for_its_version() {
    let copy = Copy::new();
    copy.edit_manifest(|manifest| {
        manifest["schema_version"] = 1.into();
        for table in ["population", "segments", "attractors", "surrogate"] {
            manifest.as_object_mut().unwrap().remove(table).unwrap();
        }
    });
    copy.expect_refused("manifest.json: schema_version is 1, this program reads 2");
}

#[test]
fn numbers_that_are_not_pytorchs_are_named() {
    let copy = Copy::new();
    let mut golden: Value =
        serde_json::from_slice(&fs::read(copy.file("golden.json")).unwrap()).unwrap();
    let number = &mut golden["cases"][2]["outputs"][0][1];
    *number = (number.as_f64().unwrap() + 2e-5).into();
    let name = golden["cases"][2]["name"].as_str().unwrap().to_owned();
    copy.replace("golden.json", golden.to_string().as_bytes());
    copy.expect_refused(&format!(
        "golden.json: case `{name}`: outputs differ from PyTorch's by "
    ));
}

#[test]
fn a_network_that_is_none_is_named() {
    let copy = Copy::new();
    copy.replace("model.pt", b"this is no network");
    copy.expect_refused("model.pt: libtorch: ");
}

#[test]
fn an_empty_folder_of_models_is_named() {
    let models = tempfile::tempdir().unwrap();
    let part = "no model: expected NAME/VERSION/manifest.json";
    expect_failure(&mut serve(models.path()), part);
}

#[test]
fn a_bundle_in_a_folder_of_another_name_is_not_served() {
    let copy = Copy::new();
    fs::rename(copy.bundle(), copy.bundle().with_file_name("2")).unwrap();
    let part = "manifest.json says it is spending-personality version 1";
    expect_failure(&mut serve(copy.models.path()), part);
}
