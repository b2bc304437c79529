//! Digest of a key: what the server keeps of it.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The first characters of every key, so that scanners of repositories and logs can find a lost one.
pub(super) const PREFIX: &str = "ms_";

/// The SHA-256 of a key. A password would need a slow hash against guessing; a key of 256 random bits cannot be guessed,
/// and the digest is computed for every request.
#[derive(Clone, Copy)]
pub(super) struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// Computes the digest of a key.
    pub(super) fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Reads 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Writes 64 hexadecimal digits.
    pub(super) fn to_hex(self) -> String {
        hex::encode(self.0)
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
