//! What may be wrong with a file of settings. No text of it repeats a value.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file of settings that cannot be used, with its path and, where that is known, the line.
#[derive(Debug, Error)]
#[error("{}{}: {fault}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("{0}")]
    Syntax(String),
    #[error("{key}: there is no such setting{}", nearest.as_ref().map(|key| format!("; {key} is near")).unwrap_or_default())]
    Unknown {
        key: String,
        nearest: Option<String>,
    },
    #[error("{key}: settings stand at the top of the file, in no table")]
    Table { key: String },
    #[error("{key}: {reason}")]
    Value { key: String, reason: String },
}

impl ConfigError {
    pub(super) fn new(path: &Path, line: Option<usize>, fault: impl Into<Fault>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            fault: fault.into(),
        }
    }
}
