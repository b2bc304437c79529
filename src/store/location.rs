//! Location of a store: its URL, its password, and the name of the server that uses it.

use std::fmt;

/// The location of a store, and the name of the server that uses it. A URL alone is a location.
#[derive(Clone)]
pub struct Location {
    /// `sqlite://PATH`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`.
    pub url: String,
    /// The password, where the URL has none or another one.
    pub password: Option<String>,
    /// The name of this server in the leases of jobs; `None` for a new one that no other server has.
    pub instance: Option<String>,
}

impl From<&str> for Location {
    fn from(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            password: None,
            instance: None,
        }
    }
}

impl From<&String> for Location {
    fn from(url: &String) -> Self {
        Self::from(url.as_str())
    }
}

impl fmt::Debug for Location {
    /// A URL can hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Location(hidden)")
    }
}
