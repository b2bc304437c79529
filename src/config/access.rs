//! Settings of access: API keys, and whether the server may be open to a network.

use std::env::VarError;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use microseg_access::{ApiKeys, KeysError};

/// The variable with entries; a flag for them would show them in the list of processes.
const API_KEYS: &str = "MICROSEG_API_KEYS";

/// API keys, and permissions to be open to a network.
#[derive(Debug, Clone, Args)]
pub struct AccessSettings {
    /// A file of API keys' entries.
    #[arg(
        long,
        help = "A file of API keys: in each line an entry NAME:SCOPES:SHA256 or NAME@TENANT:SCOPES:SHA256, as 'microseg key' prints it; # begins a comment. \
                The variable MICROSEG_API_KEYS takes entries too, separated by commas or white space. Without keys, \
                access is open to every caller",
        value_name = "FILE",
        env = "MICROSEG_API_KEYS_FILE"
    )]
    pub api_keys_file: Option<PathBuf>,

    /// Allow listening on a network without API keys: every client that reaches the server then has full access
    #[arg(long, env = "MICROSEG_ALLOW_NO_KEYS", value_parser = BoolishValueParser::new())]
    pub allow_no_keys: bool,

    /// Allow listening on a network without TLS: keys and histories are then sent unencrypted, unless a proxy before this
    /// server ends TLS
    #[arg(long, env = "MICROSEG_ALLOW_NO_TLS", value_parser = BoolishValueParser::new())]
    pub allow_no_tls: bool,
}

/// An error of the list of keys.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file cannot be read.
    #[error("--api-keys-file {}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The file has an invalid entry, or none.
    #[error("--api-keys-file {}: {error}", .path.display())]
    Lines {
        /// The file.
        path: PathBuf,
        /// The error in it.
        error: KeysError,
    },
    /// The variable is not UTF-8.
    #[error("{API_KEYS}: it is not UTF-8")]
    NotUtf8,
    /// The variable has an invalid entry, or none.
    #[error("{API_KEYS}: {0}")]
    Variable(KeysError),
}

impl AccessSettings {
    /// The keys of the file and of the variable.
    ///
    /// # Errors
    /// [`AccessError`] when one of them is given, but cannot be read or has no key in it.
    pub fn keys(&self) -> Result<ApiKeys, AccessError> {
        let mut keys = ApiKeys::default();
        match std::env::var(API_KEYS) {
            Ok(list) => keys.add_list(&list).map_err(AccessError::Variable)?,
            Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => return Err(AccessError::NotUtf8),
        }
        if let Some(path) = &self.api_keys_file {
            let path = path.clone();
            match std::fs::read_to_string(&path) {
                Ok(lines) => keys
                    .add_lines(&lines)
                    .map_err(|error| AccessError::Lines { path, error })?,
                Err(error) => return Err(AccessError::File { path, error }),
            }
        }
        Ok(keys)
    }
}
