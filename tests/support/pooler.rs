//! `PgBouncer` in transaction mode, in front of the cluster of a test. `tests/postgres/pgbouncer.sh` runs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::cluster::{PASSWORD, unused_port};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../postgres/pgbouncer.sh");

/// A running pooler. It ends with its input: at the latest with this process.
pub struct Pooler {
    port: u16,
    database_port: String,
    _script: Child,
    _input: ChildStdin,
}

impl Pooler {
    /// A pooler in front of the database of a URL, and of the others in its cluster.
    ///
    /// # Panics
    ///
    /// When it does not start, as when there is no `PgBouncer`.
    pub fn in_front_of(url: &str) -> Self {
        let (_, rest) = url.rsplit_once("@127.0.0.1:").unwrap();
        let (database_port, _) = rest.split_once('/').unwrap();
        // The port may be taken by another program before PgBouncer starts.
        let started = (0..20).find_map(|_| Self::try_start(database_port));
        started.unwrap_or_else(|| panic!("PgBouncer does not start"))
    }

    fn try_start(database_port: &str) -> Option<Self> {
        let port = unused_port()?;
        let mut script = Command::new(SCRIPT)
            .args([&port.to_string(), database_port, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(script.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let pooler = Self {
            port,
            database_port: database_port.to_owned(),
            _input: script.stdin.take().unwrap(),
            _script: script,
        };
        (line == "done\n").then_some(pooler)
    }

    /// The URL of a database through the pooler.
    pub fn url(&self, url: &str) -> String {
        let through = format!("@127.0.0.1:{}/", self.port);
        url.replace(&format!("@127.0.0.1:{}/", self.database_port), &through)
    }
}
