//! PostgreSQL of its own for a test program, and databases in it. `tests/postgres/cluster.sh` runs it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

/// Password of the databases; no message may contain it.
pub const PASSWORD: &str = "gehe1m-und-lang";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../postgres/cluster.sh");

/// A running PostgreSQL. It ends with the script, and the script with its input: at the latest with this process.
pub struct Cluster {
    port: u16,
    _script: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Cluster {
    /// The cluster that all tests of a program share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A cluster for a test that stops it.
    pub fn start() -> Self {
        // The port may be in use, or taken by another program before PostgreSQL starts.
        let started = (0..20).find_map(|_| Self::try_start());
        started.unwrap_or_else(|| panic!("PostgreSQL does not start"))
    }

    fn try_start() -> Option<Self> {
        let port = unused_port()?;
        let mut script = Command::new(SCRIPT)
            .args([&port.to_string(), PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(script.stdout.take().unwrap());
        let cluster = Self {
            port,
            pipes: Mutex::new((script.stdin.take().unwrap(), output)),
            _script: script,
        };
        cluster.await_done().then_some(cluster)
    }

    fn await_done(&self) -> bool {
        let mut line = String::new();
        let (_, output) = &mut *self.pipes.lock().unwrap();
        output.read_line(&mut line).unwrap();
        line == "done\n"
    }

    fn order(&self, command: &str) {
        writeln!(self.pipes.lock().unwrap().0, "{command}").unwrap();
        assert!(self.await_done(), "{command}");
    }

    /// Stops it at once, as a crash does.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts it again on the same port.
    pub fn start_again(&self) {
        self.order("start");
    }

    /// A new database; its URL.
    pub fn database(&self) -> String {
        let name = format!("records_{}", Uuid::now_v7().simple());
        self.execute(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database, with the password of its owner.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Runs a statement outside of any database of a test.
    pub fn execute(&self, sql: &str) {
        let (url, sql) = (self.url("postgres"), sql.to_owned());
        // The caller may be inside a runtime or have none: the statement gets a thread and a runtime of its own.
        let executing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut connection = connect(&url).await;
                let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
                done.await.unwrap();
                connection.close().await.unwrap();
            });
        });
        executing.join().unwrap();
    }
}

/// A port that nothing listens on, below those that the system gives to connections and to servers on any port: it is
/// still unused when PostgreSQL starts again after a stop.
pub(crate) fn unused_port() -> Option<u16> {
    let [.., high, low] = Uuid::now_v7().into_bytes();
    let port = 20_000 + u16::from_be_bytes([high, low]) % 12_000;
    TcpListener::bind(("127.0.0.1", port)).ok().map(|_| port)
}

/// A connection beside those of the store.
pub async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}
