//! Keys that seal tokens: the first one seals, and all of them open, so that a key can be exchanged without a gap.

use std::fmt;

use ring::digest::{SHA256, digest};
use ring::hkdf::{self, HKDF_SHA256, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// Bytes of the number that tells keys apart.
pub(crate) const ID_BYTES: usize = 4;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

/// One key.
#[derive(Clone)]
pub(crate) struct StateKey {
    pub(crate) id: [u8; ID_BYTES],
    secret: [u8; SECRET_BYTES],
}

/// The keys of a server, at least one.
#[derive(Clone)]
pub struct StateKeys {
    first: StateKey,
    others: Vec<StateKey>,
}

impl fmt::Debug for StateKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StateKeys")
            .field("keys", &(1 + self.others.len()))
            .finish_non_exhaustive()
    }
}

/// An error in a list of keys. None repeats the text of an entry: it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateKeysError {
    /// There is no entry.
    #[error("there is no entry in it")]
    Empty,
    /// An entry is invalid.
    #[error("{unit} {number}: {error}")]
    Entry {
        /// The unit that is counted: `entry` or `line`.
        unit: &'static str,
        /// The entry's number, from 1.
        number: usize,
        /// The error in it.
        error: StateKeyError,
    },
}

/// An error in one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateKeyError {
    /// It does not have two parts, or its name has other characters.
    #[error("expected NAME:KEY, with a name of letters, digits, '.', '_' and '-', at most 64")]
    Parts,
    /// The secret is not 32 bytes in hex.
    #[error("expected a key of 64 hexadecimal digits, as `openssl rand -hex 32` prints it")]
    Secret,
    /// Another entry has the same secret.
    #[error("its key is that of another entry")]
    Repeated,
}

impl StateKeys {
    /// A key of this process alone: its tokens hold until it ends.
    ///
    /// # Errors
    /// When the system's randomness cannot be read.
    pub fn draw() -> Result<Self, ring::error::Unspecified> {
        let mut secret = [0; SECRET_BYTES];
        SystemRandom::new().fill(&mut secret)?;
        Ok(Self {
            first: StateKey::new(secret),
            others: Vec::new(),
        })
    }

    /// Reads entries `NAME:KEY` that are separated by commas or white space.
    ///
    /// # Errors
    /// [`StateKeysError`] when there is no entry, or one is invalid.
    pub fn of_list(text: &str) -> Result<Self, StateKeysError> {
        let separator = |character: char| character == ',' || character.is_whitespace();
        let entries = text.split(separator).filter(|entry| !entry.is_empty());
        Self::of("entry", (1..).zip(entries))
    }

    /// Reads the entries of a file, one in each line; `#` begins a comment.
    ///
    /// # Errors
    /// [`StateKeysError`] when there is no entry, or one is invalid.
    pub fn of_lines(text: &str) -> Result<Self, StateKeysError> {
        let entries = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let numbered = (1..).zip(entries);
        Self::of("line", numbered.filter(|(_, entry)| !entry.is_empty()))
    }

    fn of<'a>(
        unit: &'static str,
        entries: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<Self, StateKeysError> {
        let mut keys: Vec<StateKey> = Vec::new();
        for (number, text) in entries {
            let at = |error| StateKeysError::Entry {
                unit,
                number,
                error,
            };
            let key = StateKey::read(text).map_err(at)?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(at(StateKeyError::Repeated));
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(StateKeysError::Empty)?;
        Ok(Self {
            first,
            others: keys.collect(),
        })
    }

    /// The key that seals.
    pub(crate) fn first(&self) -> &StateKey {
        &self.first
    }

    /// The key of this number.
    pub(crate) fn find(&self, id: &[u8]) -> Option<&StateKey> {
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        keys.find(|key| key.id == id)
    }
}

impl StateKey {
    fn new(secret: [u8; SECRET_BYTES]) -> Self {
        let digest = digest(&SHA256, &secret);
        let mut id = [0; ID_BYTES];
        for (place, byte) in id.iter_mut().zip(digest.as_ref()) {
            *place = *byte;
        }
        Self { id, secret }
    }

    fn read(text: &str) -> Result<Self, StateKeyError> {
        let (name, secret) = text.split_once(':').ok_or(StateKeyError::Parts)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err(StateKeyError::Parts);
        }
        let mut bytes = [0; SECRET_BYTES];
        hex::decode_to_slice(secret, &mut bytes).map_err(|_| StateKeyError::Secret)?;
        Ok(Self::new(bytes))
    }

    /// The key of the token with this salt.
    pub(crate) fn derive(&self, salt: &[u8]) -> hkdf::Prk {
        Salt::new(HKDF_SHA256, salt).extract(&self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_errors_name_their_place_without_the_secret() {
        let (one, other) = ("0".repeat(64), "1".repeat(64));
        let keys = StateKeys::of_lines(&format!("# old\nb:{one}\n\na:{other} # new\n")).unwrap();
        assert_eq!(keys.others.len(), 1);
        assert_ne!(keys.first.id, keys.others[0].id);
        assert_eq!(format!("{keys:?}"), "StateKeys { keys: 2, .. }");
        for (list, expected) in [
            (String::new(), "there is no entry"),
            (one.clone(), "entry 1: expected NAME:KEY"),
            (format!("a:{one} b:123"), "entry 2: expected a key"),
            (format!("a:{one},b:{one}"), "entry 2: its key is that"),
            (format!("a b:{one}"), "entry 1: expected NAME"),
        ] {
            let error = StateKeys::of_list(&list).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
            assert!(!error.contains(&one), "{error}");
        }
    }
}
