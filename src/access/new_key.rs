//! New key: drawn at random, shown once, with its entry for the server.

use super::digest::{KeyDigest, PREFIX};
use super::entry::KeyName;
use super::scope::Scopes;
use super::tenant::Tenant;

/// Random bytes of a key.
const RANDOM_BYTES: usize = 32;

/// A key that has just been drawn.
pub struct NewKey(String);

impl NewKey {
    /// Draws a key from the system's randomness.
    ///
    /// # Errors
    /// When the system's randomness cannot be read.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)?;
        Ok(Self(format!("{PREFIX}{}", hex::encode(random))))
    }

    /// The key itself, for its user.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The entry for the server: `NAME:SCOPES:SHA256`, with `@TENANT` behind the name unless it is the default one.
    #[must_use]
    pub fn entry(&self, name: &KeyName, tenant: &Tenant, scopes: &Scopes) -> String {
        let digest = KeyDigest::of(self.0.as_bytes()).to_hex();
        let name = name.as_str();
        if tenant.is_default() {
            format!("{name}:{scopes}:{digest}")
        } else {
            format!("{name}@{tenant}:{scopes}:{digest}")
        }
    }
}
