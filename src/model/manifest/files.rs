//! Names of the files that every bundle has beside its network.

use std::collections::BTreeMap;

use super::error::ManifestError;
use microseg_reasons::Language;
use microseg_runtime::{Backend, backend_for_bundle};

/// The classes.
pub const TAXONOMY: &str = "taxonomy.csv";
/// Inputs with the numbers that the network must give.
pub const GOLDEN: &str = "golden.json";
/// The model card.
pub const CARD: &str = "MODEL_CARD.md";
/// How explanations fare by type of customer; a bundle may lack it.
pub const VALIDATION: &str = "validation.json";
/// The description that names all other files with their checksums.
pub const MANIFEST: &str = "manifest.json";

/// The runtime for a bundle with these files.
pub(super) fn backend_of(files: &BTreeMap<String, String>) -> &'static dyn Backend {
    backend_for_bundle(|file| files.contains_key(file))
}

/// Refuses a bundle without a required file, and names and checksums of another form.
pub(super) fn check_files(files: &BTreeMap<String, String>) -> Result<(), ManifestError> {
    let fault = |reason| ManifestError::Member {
        member: "files",
        reason,
    };
    let network_file = backend_of(files).network_file();
    let mut required = [network_file, TAXONOMY, GOLDEN, CARD].into_iter();
    if let Some(missing) = required.find(|&file| !files.contains_key(file)) {
        return Err(fault(format!("{missing} has no checksum")));
    }
    for (file, checksum) in files {
        // A plain name cannot climb out of the bundle.
        let plain = !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '\0']);
        if !plain && Language::of_file(file).is_none() {
            return Err(fault(format!(
                "`{file}`: expected a plain file name, or reasons/LANGUAGE.json"
            )));
        }
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if checksum.len() != 64 || !checksum.bytes().all(hex) {
            return Err(fault(format!(
                "the checksum of {file} is not a SHA-256 in lower-case hex"
            )));
        }
    }
    Ok(())
}
