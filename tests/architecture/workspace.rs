//! The crates of the workspace and their dependencies on each other, read from their manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use toml::Table;

use crate::root;

/// What the names of the workspace's crates begin with.
const PREFIX: &str = "microseg-";

/// One crate below `src`.
pub(crate) struct Crate {
    pub(crate) folder: PathBuf,
    /// Its purpose in a line.
    pub(crate) description: String,
    /// The crates of the workspace that it imports, by short name.
    pub(crate) imports: Vec<String>,
    /// The names of all its other dependencies.
    pub(crate) others: Vec<String>,
}

/// All crates below `src` by short name: `http` for `microseg-http`.
pub(crate) fn crates() -> BTreeMap<String, Crate> {
    let folders = fs::read_dir(root().join("src")).unwrap();
    folders
        .map(|folder| folder.unwrap().path())
        .filter(|folder| folder.join("Cargo.toml").is_file())
        .map(read)
        .collect()
}

fn read(folder: PathBuf) -> (String, Crate) {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let manifest: Table = text.parse().unwrap();
    let package = |key: &str| manifest["package"][key].as_str().unwrap().to_owned();
    let name = package("name").strip_prefix(PREFIX).unwrap().to_owned();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let (imports, others): (Vec<_>, Vec<_>) = dependencies
        .into_iter()
        .flat_map(Table::keys)
        .cloned()
        .partition(|dependency| dependency.starts_with(PREFIX));
    let shorten = |name: String| name.trim_start_matches(PREFIX).to_owned();
    let found = Crate {
        folder,
        description: package("description"),
        imports: imports.into_iter().map(shorten).collect(),
        others,
    };
    (name, found)
}

#[test]
fn crate_names_are_folder_names() {
    for (name, found) in crates() {
        assert_eq!(found.folder.file_name().unwrap().to_str(), Some(&*name));
    }
}

#[test]
fn only_the_runtime_depends_on_libtorch_and_only_the_store_on_sqlx() {
    for (dependency, owner) in [("tch", "runtime"), ("sqlx", "store")] {
        let users: Vec<_> = crates()
            .into_iter()
            .filter(|(_, found)| found.others.iter().any(|other| other == dependency))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(users, [owner], "{dependency}");
    }
}
