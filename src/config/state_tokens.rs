//! Settings of state tokens: the keys that seal them.

use std::env::VarError;
use std::path::PathBuf;

use clap::Args;
use microseg_sealing::{StateKeys, StateKeysError};

/// The variable with entries; a flag for them would show them in the list of processes.
const KEYS: &str = "MICROSEG_STATE_TOKEN_KEYS";

/// The keys of state tokens.
#[derive(Debug, Clone, Args)]
pub struct StateTokenSettings {
    /// A file of keys that seal state tokens.
    #[arg(
        long,
        help = "A file of keys that seal state tokens: in each line an entry NAME:KEY, whose key is 64 hexadecimal digits, as 'openssl rand -hex 32' prints them; # begins a comment. \
                The first one seals, all of them open. The variable MICROSEG_STATE_TOKEN_KEYS takes entries in place of the file, separated by commas or white space. Servers that share their callers share the keys; without keys \
                a server draws one, and its tokens hold until it ends",
        value_name = "FILE",
        env = "MICROSEG_STATE_TOKEN_KEYS_FILE"
    )]
    pub state_token_keys_file: Option<PathBuf>,
}

/// An error of the keys of state tokens.
#[derive(Debug, thiserror::Error)]
pub enum StateTokenKeysError {
    /// The file cannot be read.
    #[error("--state-token-keys-file {}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The file has an invalid entry, or none.
    #[error("--state-token-keys-file {}: {error}", .path.display())]
    Lines {
        /// The file.
        path: PathBuf,
        /// The error in it.
        error: StateKeysError,
    },
    /// The variable is not UTF-8.
    #[error("{KEYS}: it is not UTF-8")]
    NotUtf8,
    /// The variable has an invalid entry, or none.
    #[error("{KEYS}: {0}")]
    Variable(StateKeysError),
    /// Both are given: which of them has the key that seals is not certain.
    #[error("{KEYS} and --state-token-keys-file: give one of them")]
    Both,
    /// No key can be drawn.
    #[error("the system's randomness cannot be read, and there are no keys of state tokens")]
    Random,
}

impl StateTokenSettings {
    /// The keys of the file or of the variable; without either a new one of this process.
    ///
    /// # Errors
    /// [`StateTokenKeysError`] when one of them is given, but cannot be read or has no key in it.
    pub fn keys(&self) -> Result<StateKeys, StateTokenKeysError> {
        let list = match std::env::var(KEYS) {
            Ok(list) => Some(list),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => return Err(StateTokenKeysError::NotUtf8),
        };
        match (list, &self.state_token_keys_file) {
            (Some(_), Some(_)) => Err(StateTokenKeysError::Both),
            (Some(list), None) => StateKeys::of_list(&list).map_err(StateTokenKeysError::Variable),
            (None, Some(path)) => {
                let path = path.clone();
                match std::fs::read_to_string(&path) {
                    Ok(lines) => StateKeys::of_lines(&lines)
                        .map_err(|error| StateTokenKeysError::Lines { path, error }),
                    Err(error) => Err(StateTokenKeysError::File { path, error }),
                }
            }
            (None, None) => StateKeys::draw().map_err(|_| StateTokenKeysError::Random),
        }
    }
}
