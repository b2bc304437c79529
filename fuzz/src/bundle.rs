//! A bundle on disk, before libtorch reads its network: manifest, taxonomy, golden cases, catalogues of reasons.
//!
//! A file of the corpus has all files of a bundle, each below a line `-- NAME --`. Where its manifest says
//! `sha256:NAME` it means the checksum of that file, so that what is made up gets past the checksums.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use microseg::model::{Bundle, Manifest, ManifestDocument, files};
use sha2::{Digest as _, Sha256};

/// What is accepted holds together and reads the same when it is written again; a refusal names the file.
pub fn run(data: &[u8]) {
    let mut contents = contents(data);
    let checksums: BTreeMap<String, String> = contents
        .iter()
        .map(|(name, content)| (name.clone(), hex::encode(Sha256::digest(content))))
        .collect();
    if let Some(manifest) = contents.get_mut(files::MANIFEST)
        && let Ok(mut text) = String::from_utf8(manifest.clone())
    {
        for (name, checksum) in &checksums {
            text = text.replace(&format!("\"sha256:{name}\""), &format!("\"{checksum}\""));
        }
        *manifest = text.into_bytes();
    }

    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder: {error}"));
    for (name, content) in &contents {
        write(folder.path(), name, content);
    }
    match Bundle::read(folder.path()) {
        Ok(bundle) => {
            let manifest = bundle.manifest();
            for (name, checksum) in &manifest.files {
                assert_eq!(
                    checksums.get(name),
                    Some(checksum),
                    "{name} was not checked"
                );
            }
            assert_eq!(
                checksums
                    .get(manifest.backend().network_file())
                    .map(String::as_str),
                Some(bundle.network_sha256())
            );
            let steps = manifest.most_steps().unwrap_or(1);
            assert!(steps * manifest.shape().numbers <= 1 << 18);
            same_when_written(manifest, &contents[files::MANIFEST]);
        }
        Err(error) => {
            let error = error.to_string();
            let place = folder.path().display().to_string();
            let named = [
                "manifest.json",
                "taxonomy.csv",
                "golden.json",
                "reasons/",
                &place,
            ];
            let is_named = named.iter().any(|name| error.starts_with(name))
                || contents.keys().any(|name| error.starts_with(name));
            assert!(is_named, "{error}");
        }
    }
}

fn same_when_written(manifest: &Manifest, bytes: &[u8]) {
    let document = ManifestDocument::parse(bytes);
    let document = document.unwrap_or_else(|error| panic!("the manifest reads once only: {error}"));
    let written = serde_json::to_vec(&document);
    let written = written.unwrap_or_else(|error| panic!("the manifest is not written: {error}"));
    match Manifest::parse(&written) {
        Ok(again) => assert_eq!(*manifest, again),
        Err(error) => panic!("the manifest reads once only: {error}"),
    }
}

/// The files that stand one below the other.
fn contents(data: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut current: Option<(String, Vec<u8>)> = None;
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        if let Some(name) = name(line) {
            contents.extend(current.replace((name, Vec::new())));
        } else if let Some((_, content)) = &mut current {
            content.extend_from_slice(line);
        }
    }
    contents.extend(current);
    contents
}

/// The name on a line between files; one that leaves the folder is none.
fn name(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let name = text.strip_prefix("-- ")?.strip_suffix(" --")?;
    let is_plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        (1..=64).contains(&name.len())
            && name.chars().all(allowed)
            && name.contains(char::is_alphanumeric)
    };
    let file = name.strip_prefix("reasons/").unwrap_or(name);
    (is_plain(file) && name != "reasons").then(|| name.to_owned())
}

fn write(folder: &Path, name: &str, content: &[u8]) {
    let path = folder.join(name);
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&path, content));
    written.unwrap_or_else(|error| panic!("{name}: {error}"));
}
