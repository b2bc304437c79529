//! Keys themselves: drawn, shown once, and kept as a digest.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::{KeyName, Scopes};

/// What every key begins with, so that scanners of repositories and logs can find a lost one.
pub(super) const PREFIX: &str = "ms_";

/// Random bytes of a key.
const RANDOM_BYTES: usize = 32;

/// The SHA-256 of a key. A password would need a slow hash against guessing; a key of 256 random bits cannot be guessed,
/// and the digest is computed for every request.
#[derive(Clone, Copy)]
pub(super) struct KeyDigest([u8; 32]);

impl KeyDigest {
    pub(super) fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Reads 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl ConstantTimeEq for KeyDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyDigest")
    }
}

/// A key that nobody has seen yet.
pub struct NewKey(String);

impl NewKey {
    /// Draws a key from the system's randomness.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)?;
        Ok(Self(format!("{PREFIX}{}", hex::encode(random))))
    }

    /// The key itself, for whoever is to use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the server is to be given: `NAME:SCOPES:SHA256`.
    #[must_use]
    pub fn entry(&self, name: &KeyName, scopes: &Scopes) -> String {
        let digest = KeyDigest::of(self.0.as_bytes());
        format!("{}:{scopes}:{}", name.as_str(), hex::encode(digest.0))
    }
}
