//! A PostgreSQL of its own for a program of tests, and databases in it. `cluster.sh` runs it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

/// What gets in, and must never come out in a message.
pub(crate) const PASSWORD: &str = "gehe1m-und-lang";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres/cluster.sh");

/// A running PostgreSQL. It ends with the script, and that with its input: at the latest when this process is gone.
pub(crate) struct Cluster {
    port: u16,
    _script: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Cluster {
    /// The one that all tests of this program share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One for a test that stops it.
    pub(crate) fn start() -> Self {
        // Another program may take the port before PostgreSQL does.
        let started = (0..5).find_map(|_| Self::try_start());
        started.unwrap_or_else(|| panic!("PostgreSQL does not start"))
    }

    fn try_start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
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

    /// Takes it away at once, as a crash would.
    pub(crate) fn stop(&self) {
        self.order("stop");
    }

    /// Brings it back, on the same port.
    pub(crate) fn start_again(&self) {
        self.order("start");
    }

    /// A new database; its URL.
    pub(crate) fn database(&self) -> String {
        let name = format!("records_{}", Uuid::now_v7().simple());
        self.execute(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database, with the password of its owner.
    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Does something to the cluster as a whole.
    pub(crate) fn execute(&self, sql: &str) {
        let (url, sql) = (self.url("postgres"), sql.to_owned());
        // Those who ask are inside a runtime already, or have none.
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

/// A connection that a store knows nothing of.
pub(crate) async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}
