//! Journal of a validation: a line of JSON for each customer that was explained, so that an interrupted run goes on.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::ValidationError;
use crate::finding::Finding;

/// What the findings of a journal depend on: those of another head do not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) computed_by: String,
    /// SHA-256 over the encoding and the network, in lower-case hex.
    pub(crate) model_sha256: String,
    pub(crate) seed: u64,
    pub(crate) threshold: f64,
    pub(crate) levels: Vec<String>,
}

/// The journal of one bundle, which one process has at a time.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// The journal of the bundle in a folder: a hidden file beside it.
    #[must_use]
    pub fn path_of(bundle: &Path) -> PathBuf {
        let version = bundle.file_name().unwrap_or_default().to_string_lossy();
        bundle.with_file_name(format!(".{version}.validation.ndjson"))
    }

    /// Opens the journal at a path, or begins one.
    ///
    /// # Errors
    /// [`ValidationError`] when it cannot be opened, or another process has it.
    pub fn open(path: PathBuf) -> Result<Self, ValidationError> {
        let fault = |source| ValidationError::Journal {
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(ValidationError::Busy(path)),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }

    /// The findings of an earlier run with the same head; what is behind them, or of another head, is cut off.
    pub(crate) fn resume(&mut self, head: &Head) -> Result<Vec<Finding>, ValidationError> {
        let (findings, length) = read(&self.file, head).map_err(|source| self.fault(source))?;
        let cut = |file: &mut File| {
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))
        };
        cut(&mut self.file).map_err(|source| self.fault(source))?;
        if length == 0 {
            self.write(head)?;
        }
        Ok(findings)
    }

    /// Adds what was found.
    pub(crate) fn add(&mut self, finding: &Finding) -> Result<(), ValidationError> {
        self.write(finding)
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), ValidationError> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(|source| self.fault(source))
    }

    /// Removes the journal, once the table that came of it is kept.
    ///
    /// # Errors
    /// [`ValidationError::Journal`] when the file cannot be removed.
    pub fn remove(self) -> Result<(), ValidationError> {
        fs::remove_file(&self.path).map_err(|source| self.fault(source))
    }

    fn fault(&self, source: io::Error) -> ValidationError {
        ValidationError::Journal {
            path: self.path.clone(),
            source,
        }
    }
}

/// The whole lines of a journal with this head, and how many bytes they take.
fn read(file: &File, head: &Head) -> io::Result<(Vec<Finding>, u64)> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0))?;
    let (mut findings, mut length) = (Vec::new(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)?;
        // A process that was killed leaves half a line.
        if line.last() != Some(&b'\n') {
            return Ok((findings, length));
        }
        if length == 0 {
            match serde_json::from_slice::<Head>(&line) {
                Ok(found) if found == *head => {}
                _ => return Ok((findings, 0)),
            }
        } else {
            match serde_json::from_slice(&line) {
                Ok(finding) => findings.push(finding),
                Err(_) => return Ok((findings, length)),
            }
        }
        length += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Outcome, Subject};

    fn head(seed: u64) -> Head {
        Head {
            computed_by: "microseg 0".to_owned(),
            model_sha256: "00".to_owned(),
            seed,
            threshold: 0.9,
            levels: vec!["class".to_owned()],
        }
    }

    fn finding(customer: u64) -> Finding {
        Finding {
            subject: Subject {
                kind: "one year".to_owned(),
                customer,
            },
            outcome: Outcome::Refused("no spending".to_owned()),
        }
    }

    #[test]
    fn findings_of_the_same_head_are_read_again_and_half_a_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = Journal::path_of(&folder.path().join("7"));
        assert!(path.ends_with(".7.validation.ndjson"));
        let mut journal = Journal::open(path.clone()).unwrap();
        assert!(journal.resume(&head(1)).unwrap().is_empty());
        journal.add(&finding(0)).unwrap();
        journal.add(&finding(1)).unwrap();
        drop(journal);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], b"{\"subject\":{\"ki"].concat()).unwrap();

        let mut journal = Journal::open(path.clone()).unwrap();
        assert_eq!(journal.resume(&head(1)).unwrap(), [finding(0), finding(1)]);
        journal.add(&finding(2)).unwrap();
        drop(journal);
        let mut journal = Journal::open(path.clone()).unwrap();
        assert_eq!(journal.resume(&head(1)).unwrap().len(), 3);
        journal.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn findings_of_another_head_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(path.clone()).unwrap();
        journal.resume(&head(1)).unwrap();
        journal.add(&finding(0)).unwrap();
        assert!(journal.resume(&head(2)).unwrap().is_empty());
        drop(journal);
        let mut journal = Journal::open(path).unwrap();
        assert!(journal.resume(&head(1)).unwrap().is_empty());
    }

    #[test]
    fn journal_in_use_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let _held = Journal::open(path.clone()).unwrap();
        let refused = Journal::open(path).unwrap_err();
        assert!(matches!(refused, ValidationError::Busy(_)), "{refused}");
    }
}
