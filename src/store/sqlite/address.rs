//! Where a database is.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::error::StoreError;
use crate::location::Location;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// In memory, for as long as it is open.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl Address {
    /// Where a store is.
    pub(super) fn of(location: &Location) -> Result<Self, StoreError> {
        let address = Self::parse(&location.url)?;
        match location.password {
            None => Ok(address),
            Some(_) => Err(StoreError::Password {
                database: address.to_string(),
            }),
        }
    }

    /// Reads a URL. What stands behind `sqlite://` is the path as it is, without parameters.
    fn parse(url: &str) -> Result<Self, StoreError> {
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::Scheme)?;
        match path.strip_prefix("//").unwrap_or(path) {
            ":memory:" => Ok(Self::Memory),
            // Parameters, as other programs take them, are not part of anybody's file name.
            path if path.is_empty() || path.contains(['?', '\0']) => Err(StoreError::Scheme),
            path => Ok(Self::File(path.into())),
        }
    }

    /// Makes the file, if it is missing. Nobody but its owner reads customers' data; the journal takes after it.
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

    /// Which file is there now; `None` for none.
    pub(super) fn identity(&self) -> Option<Identity> {
        let Self::File(path) = self else {
            return None;
        };
        let metadata = std::fs::metadata(path).ok()?;
        Some(Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    /// Whether the file is there, or cannot be looked for.
    pub(super) fn exists(&self) -> bool {
        match self {
            Self::Memory => false,
            Self::File(path) => path.try_exists().unwrap_or(true),
        }
    }

    /// How to open it.
    pub(super) fn options(&self) -> SqliteConnectOptions {
        let options = match self {
            Self::Memory => SqliteConnectOptions::new(),
            // SQLite takes a name like file:… for a URI, and :memory: for none.
            Self::File(path) => SqliteConnectOptions::new().filename(Path::new(".").join(path)),
        };
        options.disable_statement_logging()
    }
}

/// What tells a file from any other that gets its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
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
    fn a_path_is_taken_as_it_is() {
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
