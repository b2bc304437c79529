//! Anchor of the chain: a small file beside the database with the number and the hash of the last entry that was
//! acknowledged. A database that was deleted, cut, or replaced by an older one lacks that entry.
//!
//! The file is written in place and not synced: after a power cut it names an earlier entry, which is an anchor too.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use super::address::Address;
use crate::error::StoreError;
use crate::location::Location;
use crate::records::entry::Head;

/// The characters of a number: the file has one length, so that it can be written in place.
const NUMBER_LENGTH: usize = 20;

/// The anchor of a database.
#[derive(Debug)]
pub(crate) struct Anchor {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The open file, once something was written.
    file: Option<File>,
    /// The last entry that was acknowledged here, or found at the start.
    head: Option<Head>,
    is_failure_logged: bool,
}

impl Anchor {
    /// The anchor of the database in a file.
    pub(super) fn beside(database: &Path) -> Self {
        Self {
            path: with_suffix(database, "-anchor"),
            state: Mutex::default(),
        }
    }

    /// The anchor of the database in a location; `None` in memory, or when there is no database.
    ///
    /// # Errors
    /// When the location is not of SQLite.
    pub(crate) fn of(location: &Location) -> Result<Option<Self>, StoreError> {
        let file = Address::from_location(location)?.file();
        Ok(file.ok().flatten().map(|path| Self::beside(&path)))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The entry in the file; `None` when there is no file, or an empty one.
    ///
    /// # Errors
    /// When it cannot be read, or is no anchor.
    pub(crate) fn read(&self) -> io::Result<Option<Head>> {
        let mut text = String::new();
        match File::open(&self.path) {
            Ok(file) => file.take(1024).read_to_string(&mut text)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if text.is_empty() {
            return Ok(None);
        }
        let head = parse(&text);
        head.map(Some).ok_or_else(|| {
            io::Error::new(ErrorKind::InvalidData, "the file is no anchor of a chain")
        })
    }

    /// The last entry that was acknowledged by this process or found at its start.
    pub(super) fn head(&self) -> Option<Head> {
        self.state.lock().head.clone()
    }

    /// Notes the last entry. A failure is logged once: the record itself is in the database.
    pub(super) fn note(&self, head: &Head) {
        let mut state = self.state.lock();
        state.head = Some(head.clone());
        if let Err(error) = self.write(&mut state, head) {
            if !std::mem::replace(&mut state.is_failure_logged, true) {
                tracing::warn!(%error, "the anchor of the chain cannot be written");
            }
        } else {
            state.is_failure_logged = false;
        }
    }

    fn write(&self, state: &mut State, head: &Head) -> io::Result<()> {
        let text = format!("{:0NUMBER_LENGTH$} {}\n", head.sequence, head.sha256);
        if let Some(file) = &state.file
            && self.is_in_place(file)
        {
            return file.write_all_at(text.as_bytes(), 0);
        }
        let is_new = !self.path.try_exists()?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)?;
        file.write_all_at(text.as_bytes(), 0)?;
        file.set_len(text.len() as u64)?;
        if is_new {
            // It must not be empty after a power cut: then it would be no anchor.
            file.sync_all()?;
            let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        state.file = Some(file);
        Ok(())
    }

    /// Whether the open file is still the one at the path.
    fn is_in_place(&self, file: &File) -> bool {
        match (file.metadata(), std::fs::metadata(&self.path)) {
            (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }
}

/// The path of a file beside the database.
pub(super) fn with_suffix(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn parse(text: &str) -> Option<Head> {
    let (number, sha256) = text.strip_suffix('\n')?.split_once(' ')?;
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sequence = number
        .parse()
        .ok()
        .filter(|_| number.len() == NUMBER_LENGTH)?;
    is_hash.then(|| Head {
        sequence,
        sha256: sha256.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(sequence: u64) -> Head {
        let sha256 = format!("{sequence:064x}");
        Head { sequence, sha256 }
    }

    #[test]
    fn noted_entry_is_read_back_also_from_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let anchor = Anchor::beside(&folder.path().join("records.db"));
        assert!(anchor.read().unwrap().is_none());
        for sequence in [1, 57, u64::MAX] {
            anchor.note(&head(sequence));
            let read = anchor.read().unwrap().unwrap();
            assert_eq!(
                (read.sequence, read.sha256),
                (sequence, head(sequence).sha256)
            );
        }
        std::fs::remove_file(anchor.path()).unwrap();
        anchor.note(&head(3));
        assert_eq!(anchor.read().unwrap().unwrap().sequence, 3);
    }

    #[test]
    fn file_that_is_no_anchor_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let anchor = Anchor::beside(&folder.path().join("records.db"));
        anchor.note(&head(7));
        let text = std::fs::read_to_string(anchor.path()).unwrap();
        for wrong in [
            &text[1..],
            &text[..text.len() - 1],
            "x",
            &text.replace(' ', "_"),
        ] {
            std::fs::write(anchor.path(), wrong).unwrap();
            assert!(anchor.read().is_err(), "{wrong}");
        }
    }
}
