//! Reading of a bundle's files, each checked against its checksum.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::BundleError;

/// The bytes of a file of the bundle.
pub(crate) fn read(directory: &Path, file: &str) -> Result<Vec<u8>, BundleError> {
    let path = directory.join(file);
    read_regular(&path).map_err(|source| BundleError::Read { path, source })
}

/// A pipe or a device would never end.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        std::fs::read(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ))
    }
}

/// The bytes of a file of the bundle, whose SHA-256 must be `expected`, in lower-case hex.
pub(super) fn read_checked(
    directory: &Path,
    file: &str,
    expected: &str,
) -> Result<Vec<u8>, BundleError> {
    let bytes = read(directory, file)?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found == expected {
        return Ok(bytes);
    }
    Err(BundleError::Checksum {
        file: file.to_owned(),
        expected: expected.to_owned(),
        found,
    })
}
