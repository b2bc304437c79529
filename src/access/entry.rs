//! One entry of a list of keys, `NAME:SCOPES:SHA256`, read. No fault repeats what stands there: it may be a key.

use std::str::FromStr;

use super::key::{KeyDigest, PREFIX};
use super::{Scopes, ScopesError};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Other than three parts.
    #[error("expected NAME:SCOPES:SHA256, as `microseg key` makes it")]
    Parts,
    /// The first part.
    #[error("expected a name of letters, digits, '.', '_' and '-', at most 64, that is no key")]
    Name,
    /// The second part.
    #[error(transparent)]
    Scopes(#[from] ScopesError),
    /// The third part.
    #[error("expected the SHA-256 of a key, 64 hexadecimal digits")]
    Digest,
    /// The same digest as before: which scopes would count?
    #[error("its key is that of another entry")]
    Repeated,
}

/// The name of whoever holds a key; it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = EntryFault;

    fn from_str(text: &str) -> Result<Self, EntryFault> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(allowed);
        // A key that was put where its name belongs would be logged with every request.
        if fits && !text.starts_with(PREFIX) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EntryFault::Name)
        }
    }
}

/// What an entry says.
pub(super) struct Entry {
    pub(super) name: KeyName,
    pub(super) scopes: Scopes,
    pub(super) digest: KeyDigest,
}

/// Reads an entry; a fault comes with the name, where there is one.
pub(super) fn read(text: &str) -> Result<Entry, (Option<KeyName>, EntryFault)> {
    let parts: Vec<&str> = text.split(':').collect();
    let [name, scopes, digest] = parts.as_slice() else {
        return Err((None, EntryFault::Parts));
    };
    let name: KeyName = name.parse().map_err(|fault| (None, fault))?;
    let fault = |fault| (Some(name.clone()), fault);
    let scopes = scopes
        .parse()
        .map_err(|error: ScopesError| fault(error.into()))?;
    let digest = KeyDigest::parse(digest).ok_or_else(|| fault(EntryFault::Digest))?;
    Ok(Entry {
        name,
        scopes,
        digest,
    })
}
