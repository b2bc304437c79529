//! Addresses of databases of SQLite: a file, or memory.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::error::StoreError;
use crate::location::Location;

/// The address of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// In memory, for as long as it is open.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl Address {
    /// The address in a location.
    pub(super) fn from_location(location: &Location) -> Result<Self, StoreError> {
        let address = Self::parse(&location.url)?;
        match location.password {
            None => Ok(address),
            Some(_) => Err(StoreError::Password {
                database: address.to_string(),
            }),
        }
    }

    /// Reads a URL. The rest after `sqlite://` is the path as it is, without parameters.
    fn parse(url: &str) -> Result<Self, StoreError> {
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::Scheme)?;
        match path.strip_prefix("//").unwrap_or(path) {
            ":memory:" => Ok(Self::Memory),
            // Other programs read what follows a `?` as parameters: it is not taken for a part of the path.
            path if path.is_empty() || path.contains(['?', '\0']) => Err(StoreError::Scheme),
            path => Ok(Self::File(path.into())),
        }
    }

    /// Creates the file, if it is missing, for its owner alone; the journal gets the same permissions.
    pub(super) fn create(&self) -> io::Result<()> {
        let Self::File(path) = self else {
            return Ok(());
        };
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match file {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// The file itself, without the links that lead to it: its journal is beside it. `None` in memory.
    pub(super) fn file(&self) -> io::Result<Option<PathBuf>> {
        match self {
            Self::Memory => Ok(None),
            Self::File(path) => path.canonicalize().map(Some),
        }
    }

    /// Whether the file exists, or its folder cannot be read.
    pub(super) fn exists(&self) -> bool {
        match self {
            Self::Memory => false,
            Self::File(path) => path.try_exists().unwrap_or(true),
        }
    }

    /// Options of a connection.
    pub(super) fn options(&self) -> SqliteConnectOptions {
        let options = match self {
            Self::Memory => SqliteConnectOptions::new(),
            // SQLite reads a name like file:… as a URI, and :memory: as no file.
            Self::File(path) => SqliteConnectOptions::new().filename(Path::new(".").join(path)),
        };
        options.disable_statement_logging()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => formatter.write_str(":memory:"),
            Self::File(path) => path.display().fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_a_url_is_taken_as_it_is() {
        for (url, path) in [
            ("sqlite://records.db", "records.db"),
            ("sqlite:///var/lib/records.db", "/var/lib/records.db"),
            ("sqlite:records.db", "records.db"),
            ("sqlite://a b%20c.db", "a b%20c.db"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(address, Address::File(path.into()), "{url}");
        }
        assert_eq!(Address::parse("sqlite::memory:").unwrap(), Address::Memory);
        for url in [
            "",
            "records.db",
            "sqlite:",
            "sqlite://",
            "sqlite://a.db?mode=rwc",
            "postgres://anna:secret@db/records",
        ] {
            let refused = Address::parse(url).unwrap_err();
            assert!(matches!(refused, StoreError::Scheme), "{url}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
    }
}
