//! Summary that is kept beside each part, so that a customer whose rows are in two parts is detected.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::read::CustomerHash;
use crate::score::UnitSummary;

/// The folder of the summaries.
const FOLDER: &str = "_customers";

fn path_of(folder: &Path, part: u64) -> PathBuf {
    folder.join(FOLDER).join(format!("part-{part:06}"))
}

/// Creates the folder of the summaries.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join(FOLDER))
}

/// Writes a part's summary: two counts and the hashes, eight bytes each. It must be written before the part itself.
pub(super) fn write(folder: &Path, part: u64, summary: &UnitSummary) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(16 + summary.hashes.len() * 8);
    bytes.extend_from_slice(&summary.customers.to_le_bytes());
    bytes.extend_from_slice(&summary.refused.to_le_bytes());
    for hash in &summary.hashes {
        bytes.extend_from_slice(&hash.to_bytes());
    }
    let mut file = File::create(path_of(folder, part))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    File::open(folder.join(FOLDER))?.sync_all()
}

/// Reads a part's summary.
pub(super) fn read(folder: &Path, part: u64) -> io::Result<UnitSummary> {
    let mut file = BufReader::new(File::open(path_of(folder, part))?);
    let mut number = || {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).map(|()| bytes)
    };
    let customers = u64::from_le_bytes(number()?);
    let refused = u64::from_le_bytes(number()?);
    let mut hashes = Vec::new();
    loop {
        match number() {
            Ok(bytes) => hashes.push(CustomerHash::from_bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(UnitSummary {
        customers,
        refused,
        hashes,
    })
}
