//! Entry of a list of keys, `NAME:SCOPES:SHA256` or `NAME@TENANT:SCOPES:SHA256`. No error repeats the entry's text: it may be a key.

use std::str::FromStr;

use super::digest::{KeyDigest, PREFIX};
use super::scope::{Scopes, ScopesError};
use super::tenant::{Tenant, TenantError};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

/// An error in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The entry does not have three parts.
    #[error("expected NAME:SCOPES:SHA256 or NAME@TENANT:SCOPES:SHA256, as `microseg key` makes it")]
    Parts,
    /// The first part is not a name.
    #[error("expected a name of letters, digits, '.', '_' and '-', at most 64, that is no key")]
    Name,
    /// What follows the `@` is not a tenant.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The second part is not a set of scopes.
    #[error(transparent)]
    Scopes(#[from] ScopesError),
    /// The third part is not a digest.
    #[error("expected the SHA-256 of a key, 64 hexadecimal digits")]
    Digest,
    /// Another entry has the same digest: its scopes could differ.
    #[error("its key is that of another entry")]
    Repeated,
}

/// The name of a key's user; it is in the log of every request.
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
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, EntryError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(allowed);
        // A key in the position of its name would be logged with every request.
        if fits && !text.starts_with(PREFIX) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EntryError::Name)
        }
    }
}

/// The parts of an entry.
pub(super) struct KeyEntry {
    pub(super) name: KeyName,
    pub(super) tenant: Tenant,
    pub(super) scopes: Scopes,
    pub(super) digest: KeyDigest,
}

/// Reads an entry; an error has the entry's name, where it could be read.
pub(super) fn read(text: &str) -> Result<KeyEntry, (Option<KeyName>, EntryError)> {
    let parts: Vec<&str> = text.split(':').collect();
    let [name, scopes, digest] = parts.as_slice() else {
        return Err((None, EntryError::Parts));
    };
    let (name, tenant) = match name.split_once('@') {
        Some((name, tenant)) => (name, Some(tenant)),
        None => (*name, None),
    };
    let name: KeyName = name.parse().map_err(|error| (None, error))?;
    let named = |error| (Some(name.clone()), error);
    let tenant = tenant.map(str::parse).transpose();
    let tenant: Option<Tenant> = tenant.map_err(|error: TenantError| named(error.into()))?;
    let scopes = scopes
        .parse()
        .map_err(|error: ScopesError| named(error.into()))?;
    let digest = KeyDigest::parse(digest).ok_or_else(|| named(EntryError::Digest))?;
    Ok(KeyEntry {
        name,
        tenant: tenant.unwrap_or_default(),
        scopes,
        digest,
    })
}
