//! Store of records that outlives its servers: SQLite in a folder, or a database of PostgreSQL.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::command::microseg;
use crate::server::{Server, sqlite_in};

/// A store of one test.
pub enum TestStore {
    /// In a folder of its own.
    Sqlite(TempDir),
    /// A database by its URL.
    Postgres(String),
}

impl TestStore {
    /// A new folder.
    pub fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    /// A new database in the cluster of the test program.
    pub fn postgres() -> Self {
        Self::Postgres(Cluster::shared().database())
    }

    /// The value of `--store`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => sqlite_in(folder.path()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Starts a server on this store.
    pub fn start(&self, arguments: &[&str]) -> Server {
        Server::start(&[&["--store", &self.url()], arguments].concat())
    }

    /// `microseg audit` on this store.
    pub fn audit(&self, arguments: &[&str]) -> Output {
        let mut command = microseg();
        command.args(["audit", "--store", &self.url()]);
        command.args(arguments).output().unwrap()
    }

    /// The report of an audit that must find the chain whole.
    pub fn whole_audit(&self) -> Value {
        let output = self.audit(&["--json"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        let audit: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(audit["whole"], true, "{audit}");
        audit
    }

    /// The files of SQLite that contain text.
    pub fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let Self::Sqlite(folder) = self else {
            panic!("PostgreSQL has no files that a test may read")
        };
        let files = fs::read_dir(folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let contains = |file: &PathBuf| {
            let bytes = fs::read(file).unwrap();
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        files.filter(contains).collect()
    }
}

/// Runs cases that take a [`TestStore`] on each database.
#[macro_export]
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::store::TestStore::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::store::TestStore::postgres()).await;
            })*
        }
    };
}
