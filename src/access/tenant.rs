//! Tenant that a key belongs to: its records, jobs and customers are its own.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

/// The longest name, in bytes.
const LONGEST: usize = 64;

/// A tenant; a clone is cheap. The default one is that of keys that name none, and of servers without keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tenant(Arc<str>);

/// A text that is not a tenant's name. It is not repeated: it may be a key in the wrong position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a tenant of letters, digits, '.', '_' and '-', at most 64")]
pub struct TenantError;

impl Tenant {
    /// Its name; empty for the default one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of keys that name none.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }

    /// A tenant as it was stored under its name, which may be empty.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(name.into())
    }
}

impl FromStr for Tenant {
    type Err = TenantError;

    fn from_str(text: &str) -> Result<Self, TenantError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed);
        // A key in this position would be stored with every record.
        if fits && !text.starts_with(super::digest::PREFIX) {
            Ok(Self(text.into()))
        } else {
            Err(TenantError)
        }
    }
}

impl Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
