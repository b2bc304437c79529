//! Bundles that must not load: `model check` and `serve` name the fault and end with 1.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::server::{MODELS, expect_failure, microseg};

/// A copy of the reference bundle to break.
struct Copy {
    models: TempDir,
}

impl Copy {
    fn new() -> Self {
        let models = tempfile::tempdir().unwrap();
        let copy = Self { models };
        fs::create_dir_all(copy.bundle()).unwrap();
        for entry in fs::read_dir(Path::new(MODELS).join("spending-personality/1")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.file(entry.file_name().to_str().unwrap())).unwrap();
        }
        copy
    }

    fn bundle(&self) -> PathBuf {
        self.models.path().join("spending-personality/1")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.bundle().join(name)
    }

    /// Changes the manifest as a careful forger would: everything still parses.
    fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        let mut manifest: Value =
            serde_json::from_slice(&fs::read(self.file("manifest.json")).unwrap()).unwrap();
        edit(&mut manifest);
        fs::write(self.file("manifest.json"), manifest.to_string()).unwrap();
    }

    /// Replaces a file and its checksum.
    fn replace(&self, name: &str, bytes: &[u8]) {
        fs::write(self.file(name), bytes).unwrap();
        self.edit_manifest(|manifest| {
            manifest["files"][name] = hex::encode(Sha256::digest(bytes)).into();
        });
    }

    /// Both ways to load it fail, and both name the fault.
    fn expect_refused(&self, part: &str) {
        expect_failure(
            microseg().arg("model").arg("check").arg(self.bundle()),
            part,
        );
        expect_failure(&mut serve(self.models.path()), part);
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
    ] {
        let copy = Copy::new();
        fs::remove_file(copy.file(file)).unwrap();
        copy.expect_refused(file);
    }
}

#[test]
fn a_shape_that_disagrees_is_named() {
    let copy = Copy::new();
    copy.edit_manifest(|manifest| manifest["hidden_size"] = 16.into());
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
    copy.edit_manifest(|manifest| manifest["hidden_size"] = 16.into());
    copy.expect_refused("model.pt: ");
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
