//! Copies of the reference bundle, to be changed and served.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::command::{MODELS, expect_failure, microseg, serve};
use crate::server::Server;

/// The reference model's name.
pub const MODEL: &str = "spending-personality";

/// A folder of models with a copy of the reference bundle.
pub struct BundleCopy {
    models: TempDir,
}

impl BundleCopy {
    /// A new copy.
    pub fn make() -> Self {
        let copy = Self {
            models: tempfile::tempdir().unwrap(),
        };
        copy_bundle(&Path::new(MODELS).join(MODEL).join("1"), &copy.bundle());
        copy
    }

    /// The folder of models.
    pub fn models(&self) -> &Path {
        self.models.path()
    }

    /// The bundle's folder.
    pub fn bundle(&self) -> PathBuf {
        self.models.path().join(MODEL).join("1")
    }

    /// A file of the bundle.
    pub fn file(&self, name: &str) -> PathBuf {
        self.bundle().join(name)
    }

    /// A file of the bundle, as JSON.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap()
    }

    /// Changes the manifest.
    pub fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        edit_manifest(&self.bundle(), edit);
    }

    /// Replaces a file and its checksum in the manifest.
    pub fn replace(&self, name: &str, bytes: &[u8]) {
        replace(&self.bundle(), name, bytes);
    }

    /// `model check` and `serve` must fail with `part` in their message.
    pub fn expect_refused(&self, part: &str) {
        let mut check = microseg();
        check.args(["model", "check"]).arg(self.bundle());
        expect_failure(&mut check, part);
        expect_failure(serve().arg("--models").arg(self.models()), part);
    }

    /// Adds a bundle with the same files under another name or version.
    pub fn add(&self, name: &str, version: u32) -> PathBuf {
        let bundle = self.models().join(name).join(version.to_string());
        copy_bundle(&self.bundle(), &bundle);
        edit_manifest(&bundle, |manifest| {
            manifest["name"] = name.into();
            manifest["version"] = version.to_string().into();
        });
        bundle
    }

    /// Adds a version that gives other numbers: the merchant category codes of two classes are exchanged.
    pub fn add_different(&self, version: u32) -> PathBuf {
        let bundle = self.add(MODEL, version);
        let mut reader = csv::Reader::from_path(bundle.join("taxonomy.csv")).unwrap();
        let headers = reader.headers().unwrap().clone();
        let rows = reader.records().map(|row| row.unwrap());
        let mut rows: Vec<Vec<String>> = rows
            .map(|row| row.iter().map(str::to_owned).collect())
            .collect();
        let row_of = |code: &str| {
            let has_code = |row: &Vec<String>| row[3].split(' ').any(|range| range == code);
            rows.iter().position(has_code).unwrap()
        };
        let (one, other) = (row_of("5411"), row_of("5912"));
        let codes = std::mem::take(&mut rows[one][3]);
        rows[one][3] = std::mem::replace(&mut rows[other][3], codes);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&headers).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        replace(&bundle, "taxonomy.csv", &writer.into_inner().unwrap());
        bundle
    }

    /// Writes the folder's `models.toml`.
    pub fn name_default(&self, content: &str) {
        fs::write(self.models().join("models.toml"), content).unwrap();
    }

    /// A server of these models.
    pub fn start(&self, arguments: &[&str]) -> Server {
        Server::start_on(self.models(), arguments)
    }
}

/// Replaces a file of a bundle and its checksum in the manifest.
pub fn replace(bundle: &Path, name: &str, bytes: &[u8]) {
    fs::write(bundle.join(name), bytes).unwrap();
    edit_manifest(bundle, |manifest| {
        manifest["files"][name] = hex::encode(Sha256::digest(bytes)).into();
    });
}

/// Changes the manifest of a bundle.
pub fn edit_manifest(bundle: &Path, edit: impl FnOnce(&mut Value)) {
    let file = bundle.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    edit(&mut manifest);
    fs::write(file, manifest.to_string()).unwrap();
}

/// Copies the files of a bundle and its reasons.
fn copy_bundle(from: &Path, to: &Path) {
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
