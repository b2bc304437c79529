//! Who may use the server, and whether it may be open to a network.

use std::env::VarError;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use microseg_access::{ApiKeys, KeysError};

/// The variable of entries themselves; a flag for them would show them in the list of processes.
const API_KEYS: &str = "MICROSEG_API_KEYS";

/// API keys, and what may be open to a network.
#[derive(Debug, Clone, Args)]
pub struct AccessSettings {
    /// A file of API keys' entries.
    #[arg(
        long,
        help = "A file of API keys, an entry NAME:SCOPES:SHA256 a line, as 'microseg key' makes it; # begins a comment. The \
                variable MICROSEG_API_KEYS takes entries themselves, between commas or white space. Without keys everybody \
                may do everything",
        value_name = "FILE",
        env = "MICROSEG_API_KEYS_FILE"
    )]
    pub api_keys_file: Option<PathBuf>,

    /// Listen on a network without API keys: everybody who reaches the server may do everything
    #[arg(long, env = "MICROSEG_ALLOW_NO_KEYS", value_parser = BoolishValueParser::new())]
    pub allow_no_keys: bool,

    /// Listen on a network without TLS: keys and histories can be read on their way, unless TLS ends before this server
    #[arg(long, env = "MICROSEG_ALLOW_NO_TLS", value_parser = BoolishValueParser::new())]
    pub allow_no_tls: bool,
}

/// Why the keys cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file.
    #[error("--api-keys-file {}: {error}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What came of reading it.
        error: std::io::Error,
    },
    /// What is in the file.
    #[error("--api-keys-file {}: {error}", .path.display())]
    Lines {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        error: KeysError,
    },
    /// The variable is no text.
    #[error("{API_KEYS}: it is not UTF-8")]
    NotUtf8,
    /// What is in the variable.
    #[error("{API_KEYS}: {0}")]
    Variable(KeysError),
}

impl AccessSettings {
    /// All keys, of the file and of the variable.
    ///
    /// # Errors
    /// [`AccessError`] when one of them is given but cannot be read, or has no key in it: nobody who names keys wants none.
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
