//! Errors in a file of settings. No message repeats a value: it may be a secret.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// An error in a file of settings, with its path and, where it is known, its line.
#[derive(Debug, Error)]
#[error("{}{}: {fault}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    fault: ConfigFault,
}

/// The fault of a file or of one of its keys.
#[derive(Debug, Error)]
pub(super) enum ConfigFault {
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
    pub(super) fn new(path: &Path, line: Option<usize>, fault: impl Into<ConfigFault>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            fault: fault.into(),
        }
    }
}
