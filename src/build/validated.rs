//! Validation added to a finished bundle: its table in a file, in the card, and in the manifest's checksums.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::error::BuildError;
use super::staging::Stage;
use super::validation_card;
use microseg_history::Limits;
use microseg_model::{Capacity, ManifestDocument, Model, Validation, files};

/// Writes the table into the bundle in `place`, loads the result as a server would, and puts it in the place of the old one.
/// All other files stay as they are.
///
/// # Errors
/// [`BuildError`] when the bundle cannot be read or written, is of another network, or the result does not load. The bundle
/// is then as it was.
pub fn add_validation(place: &Path, validation: &Validation) -> Result<(), BuildError> {
    let fault = |source| BuildError::Write {
        folder: place.to_owned(),
        source,
    };
    let read = |file: &str| fs::read(place.join(file)).map_err(fault);
    let manifest = read(files::MANIFEST)?;
    let mut checksums = ManifestDocument::parse(&manifest)?.files;
    let card = String::from_utf8(read(files::CARD)?).map_err(|_| {
        fault(io::Error::new(
            io::ErrorKind::InvalidData,
            "MODEL_CARD.md: not UTF-8",
        ))
    })?;
    let card = validation_card::replace(&card, validation);
    let mut table = serde_json::to_vec_pretty(validation)?;
    table.push(b'\n');
    let contents: [(&str, &[u8]); 2] =
        [(files::CARD, card.as_bytes()), (files::VALIDATION, &table)];
    for (name, bytes) in contents {
        let checksum = hex::encode(Sha256::digest(bytes));
        checksums.insert(name.to_owned(), checksum);
    }
    let manifest = with_checksums(&manifest, &checksums)?;

    let stage = Stage::open(place).map_err(fault)?;
    stage.copy_place().map_err(fault)?;
    for (name, bytes) in contents {
        stage.write(name, bytes).map_err(fault)?;
    }
    stage.write(files::MANIFEST, &manifest).map_err(fault)?;
    // A bundle is replaced only by one that loads, and that has the table.
    let model = Model::load(stage.folder(), Capacity::single(Limits::default()))?;
    if model.validation() != Some(validation) {
        return Err(BuildError::OtherNetwork(place.to_owned()));
    }
    stage.commit().map_err(fault)
}

/// The member of a manifest that is exchanged, as its text.
#[derive(Deserialize)]
struct Files<'a> {
    #[serde(borrow)]
    files: &'a RawValue,
}

/// A manifest with other checksums. All other bytes stay: other members may be in any order, and written in any way.
fn with_checksums(
    manifest: &[u8],
    checksums: &BTreeMap<String, String>,
) -> Result<Vec<u8>, serde_json::Error> {
    let Files { files } = serde_json::from_slice(manifest)?;
    let old = files.get().as_bytes();
    let begin = old.as_ptr().addr() - manifest.as_ptr().addr();
    let new = serde_json::to_string_pretty(checksums)?.replace('\n', "\n  ");
    let (before, after) = (&manifest[..begin], &manifest[begin + old.len()..]);
    Ok([before, new.as_bytes(), after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_checksums_change_no_other_byte() {
        let checksums = BTreeMap::from([("a".to_owned(), "00".to_owned())]);
        let manifest = b"{\"z\": 1.50, \"files\" : {\"a\": \"11\"},\n \"b\": {\"files\": 2}}";
        let found = with_checksums(manifest, &checksums).unwrap();
        let expected =
            "{\"z\": 1.50, \"files\" : {\n    \"a\": \"00\"\n  },\n \"b\": {\"files\": 2}}";
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }
}
