//! What is kept beside a part: who is in it, so that a customer who comes again in another part is noticed.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::customers::Mark;
use crate::score::Done;

/// The folder of these files.
const FOLDER: &str = "_customers";

fn place(folder: &Path, part: u64) -> PathBuf {
    folder.join(FOLDER).join(format!("part-{part:06}"))
}

/// Makes the folder.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join(FOLDER))
}

/// Writes down what a part holds: two counts and the marks, eight bytes each. The part itself must come after it.
pub(super) fn write(folder: &Path, part: u64, done: &Done) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(16 + done.marks.len() * 8);
    bytes.extend_from_slice(&done.customers.to_le_bytes());
    bytes.extend_from_slice(&done.refused.to_le_bytes());
    for mark in &done.marks {
        bytes.extend_from_slice(&mark.to_bytes());
    }
    let mut file = File::create(place(folder, part))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    File::open(folder.join(FOLDER))?.sync_all()
}

/// Reads it again.
pub(super) fn read(folder: &Path, part: u64) -> io::Result<Done> {
    let mut file = BufReader::new(File::open(place(folder, part))?);
    let mut number = || {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).map(|()| bytes)
    };
    let customers = u64::from_le_bytes(number()?);
    let refused = u64::from_le_bytes(number()?);
    let mut marks = Vec::new();
    loop {
        match number() {
            Ok(bytes) => marks.push(Mark::from_bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Done {
        customers,
        refused,
        marks,
    })
}
