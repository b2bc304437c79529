//! Summary that is kept beside each part, so that a customer whose rows are in two parts is detected.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::durable::{create_folder, sync_folder};
use crate::error::BulkError;
use crate::read::CustomerHash;
use crate::score::UnitSummary;

/// The folder of the summaries.
const FOLDER: &str = "_customers";

fn path_of(folder: &Path, part: u64) -> PathBuf {
    folder.join(FOLDER).join(format!("part-{part:06}"))
}

/// Creates the folder of the summaries.
pub(super) fn prepare(folder: &Path) -> Result<(), BulkError> {
    let path = folder.join(FOLDER);
    create_folder(&path).map_err(BulkError::output(&path))
}

/// Writes a part's summary: two counts and the hashes, eight bytes each. It must be written before the part itself.
pub(super) fn write(folder: &Path, part: u64, summary: &UnitSummary) -> Result<(), BulkError> {
    let mut bytes = Vec::with_capacity(16 + summary.hashes.len() * 8);
    bytes.extend_from_slice(&summary.customers.to_le_bytes());
    bytes.extend_from_slice(&summary.refused.to_le_bytes());
    for hash in &summary.hashes {
        bytes.extend_from_slice(&hash.to_bytes());
    }
    let path = path_of(folder, part);
    let write = || -> io::Result<()> {
        let mut file = File::create(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        sync_folder(&folder.join(FOLDER))
    };
    write().map_err(BulkError::output(&path))
}

/// Reads the summary of a part that exists.
///
/// # Errors
/// [`BulkError::Damaged`] when it is missing or not whole.
pub(super) fn read(folder: &Path, part: u64) -> Result<UnitSummary, BulkError> {
    let path = path_of(folder, part);
    match fs::read(&path) {
        Ok(bytes) => summary_of(&bytes).ok_or(BulkError::Damaged(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BulkError::Damaged(path)),
        Err(error) => Err(BulkError::output(&path)(error)),
    }
}

fn summary_of(bytes: &[u8]) -> Option<UnitSummary> {
    let (numbers, rest) = bytes.as_chunks();
    let [customers, refused, hashes @ ..] = numbers else {
        return None;
    };
    rest.is_empty().then(|| UnitSummary {
        customers: u64::from_le_bytes(*customers),
        refused: u64::from_le_bytes(*refused),
        hashes: hashes
            .iter()
            .copied()
            .map(CustomerHash::from_bytes)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_that_is_not_whole_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        prepare(folder).unwrap();
        let written = UnitSummary {
            customers: 2,
            refused: 1,
            hashes: vec![CustomerHash::from_bytes([7; 8])],
        };
        write(folder, 3, &written).unwrap();
        let read_again = read(folder, 3).unwrap();
        assert_eq!((read_again.customers, read_again.refused), (2, 1));
        assert_eq!(read_again.hashes[0].to_bytes(), [7; 8]);
        let bytes = fs::read(path_of(folder, 3)).unwrap();
        for length in [0, 8, 15, 23] {
            fs::write(path_of(folder, 3), &bytes[..length]).unwrap();
            assert!(
                matches!(read(folder, 3), Err(BulkError::Damaged(_))),
                "{length}"
            );
        }
        assert!(matches!(read(folder, 4), Err(BulkError::Damaged(_))));
    }
}
