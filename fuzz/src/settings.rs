//! The files that a server is set up with: `microseg.toml`, and the list of keys.

use std::fs;
use std::str;

use clap::{Args as _, Command};
use microseg::access::ApiKeys;
use microseg::config::{ConfigFile, ConfigSettings, ServiceSettings};

/// What a file of settings may say, the command line takes; a list of keys reads the same between comments.
pub fn run(data: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder: {error}"));
    let path = folder.path().join("microseg.toml");
    fs::write(&path, data).unwrap_or_else(|error| panic!("a file: {error}"));
    let settings = ConfigSettings {
        config: Some(path.clone()),
    };
    match ConfigFile::read(&settings) {
        Ok(file) => {
            let command = ServiceSettings::augment_args(Command::new("microseg"));
            let taken = file
                .set_defaults(command)
                .try_get_matches_from(["microseg"]);
            taken.unwrap_or_else(|error| panic!("the command line refuses it: {error}"));
        }
        Err(error) => {
            let error = error.to_string();
            let place = path.display().to_string();
            assert!(error.starts_with(&place), "{error}");
        }
    }
    if let Ok(text) = str::from_utf8(data) {
        keys(text);
    }
}

fn keys(text: &str) {
    let read = |text: &str| {
        let mut keys = ApiKeys::default();
        let added = keys.add_lines(text);
        added.map(|()| keys.len())
    };
    let found = read(text);
    if let Ok(count) = found {
        assert!((1..=text.lines().count()).contains(&count));
        assert_eq!(found, read(&format!("# keys\n\n{text}\n  # end")));
        let again = read(&format!("{text}\n{text}"));
        assert!(again.is_err(), "a key was taken twice");
    }
    let mut listed = ApiKeys::default();
    if listed.add_list(text).is_ok() {
        assert!(!listed.is_empty());
    }
}
