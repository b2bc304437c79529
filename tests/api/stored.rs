//! A store that outlives its servers: started on again, audited, looked into and changed from outside.

use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, Instant};

use reqwest::header::LOCATION;
use reqwest::{Method, Response};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Decode, Type};
use tempfile::TempDir;

use crate::cluster::{Cluster, connect};
use crate::server::{PATIENCE, Server, microseg, store_in};

/// A store of a test.
pub(crate) enum Stored {
    /// In a folder of its own.
    Sqlite(TempDir),
    /// In a cluster, by its URL.
    Postgres(String),
}

impl Stored {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Cluster::shared().database())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => store_in(folder.path()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Starts a server on this store.
    pub(crate) fn start(&self, arguments: &[&str]) -> Server {
        Server::start(&[&["--store", &self.url()], arguments].concat())
    }

    /// The command `audit` on this store.
    pub(crate) fn audit(&self, arguments: &[&str]) -> Output {
        let mut command = microseg();
        command.args(["audit", "--store", &self.url()]);
        command.args(arguments).output().unwrap()
    }

    /// What an audit says when it finds nothing broken.
    pub(crate) fn whole(&self) -> Value {
        let output = self.audit(&["--json"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        let audit: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(audit["whole"], true, "{audit}");
        audit
    }

    /// Runs one statement past the server; `?` in it stands for bytes. Says how many rows it changed.
    pub(crate) async fn execute(&self, statement: &str, parameter: Option<&[u8]>) -> u64 {
        match self {
            Self::Sqlite(folder) => {
                let mut connection = open(folder).await;
                let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
                if let Some(parameter) = parameter {
                    query = query.bind(parameter.to_vec());
                }
                let done = query.execute(&mut connection).await.unwrap();
                // A reader keeps erased bytes in the journal.
                connection.close().await.unwrap();
                done.rows_affected()
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                // Nothing here is kept from what nobody would do.
                let free = "SET session_replication_role = replica";
                sqlx::query(free).execute(&mut connection).await.unwrap();
                let mut query = sqlx::query(AssertSqlSafe(statement.replace('?', "$1")));
                if let Some(parameter) = parameter {
                    query = query.bind(parameter.to_vec());
                }
                let done = query.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                done.rows_affected()
            }
        }
    }

    /// Runs one statement on one parameter past the server; it must change one row.
    pub(crate) async fn change(&self, statement: &str, parameter: &[u8]) {
        let changed = self.execute(statement, Some(parameter)).await;
        assert_eq!(changed, 1, "{statement}");
    }

    /// One value, past the server.
    pub(crate) async fn value<T>(&self, query: &'static str) -> T
    where
        T: for<'row> Decode<'row, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'row> Decode<'row, sqlx::Postgres> + Type<sqlx::Postgres>,
        T: Send + Unpin,
    {
        match self {
            Self::Sqlite(folder) => {
                let mut connection = open(folder).await;
                let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
                connection.close().await.unwrap();
                value.unwrap()
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
                connection.close().await.unwrap();
                value.unwrap()
            }
        }
    }

    /// The files of SQLite that hold these bytes somewhere.
    pub(crate) fn files_with(&self, needle: &str) -> Vec<PathBuf> {
        let Self::Sqlite(folder) = self else {
            panic!("this test is of files")
        };
        let files = std::fs::read_dir(folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let needle = needle.as_bytes();
        let holds = |file: &PathBuf| {
            let bytes = std::fs::read(file).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        };
        files.filter(holds).collect()
    }

    /// Whether the store holds these bytes: SQLite in its files, PostgreSQL in its tables.
    pub(crate) async fn holds(&self, needle: &str) -> bool {
        let Self::Postgres(url) = self else {
            return !self.files_with(needle).is_empty();
        };
        let mut connection = connect(url).await;
        let held = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM contents WHERE position($1 IN document) > 0 \
             OR position($1 IN input) > 0 OR convert_to(customer_id, 'UTF8') = $1) \
             OR EXISTS (SELECT 1 FROM job_contents WHERE position($1 IN request) > 0 \
             OR convert_to(customer_id, 'UTF8') = $1)",
        )
        .bind(needle.as_bytes())
        .fetch_one(&mut connection)
        .await;
        connection.close().await.unwrap();
        held.unwrap()
    }
}

/// SQLite's database, past the server.
async fn open(folder: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("records.db"))
        .foreign_keys(false)
        .busy_timeout(PATIENCE);
    options.connect().await.unwrap()
}

/// Runs tests of a file on each database.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::stored::Stored::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::stored::Stored::postgres()).await;
            })*
        }
    };
}

pub(crate) use on_each_database;

/// An explanation as it was given.
pub(crate) struct Given {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) document: Value,
}

/// Has a history explained; the answer says where it will be found.
pub(crate) async fn explain(server: &Server, body: &Value) -> Given {
    let response = server.post("/v1/explain", body.to_string()).await;
    let status = response.status();
    let location = response.headers().get(LOCATION).cloned();
    let bytes = response.bytes().await.unwrap().to_vec();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(status, 201, "{document:.500}");
    let id = document["id"].as_str().unwrap().to_owned();
    assert_eq!(location.unwrap(), format!("/v1/explanations/{id}"));
    Given {
        id,
        bytes,
        document,
    }
}

/// Asks until there is an answer, or until it has taken too long.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Ends a server as its operator would.
pub(crate) fn end(mut server: Server) {
    server.terminate();
    assert!(server.wait().success(), "{}", server.log());
}

/// Ends a server with SIGKILL, which leaves it no time to tidy up.
pub(crate) fn kill(server: Server) {
    drop(server);
}

/// A history under another customer's name.
pub(crate) fn of(customer_id: &str, mut history: Value) -> Value {
    history["customer_id"] = customer_id.into();
    history
}

/// Text as it stands in one segment of an address, or in a query.
pub(crate) fn encoded(text: &str) -> String {
    let bytes = text.bytes();
    bytes
        .flat_map(|byte| ["%".to_owned(), hex::encode_upper([byte])])
        .collect()
}

pub(crate) async fn delete(server: &Server, path: &str) -> Response {
    let request = server.client.request(Method::DELETE, server.url(path));
    request.send().await.unwrap()
}

/// Erases a customer; what was counted.
pub(crate) async fn erase_customer(server: &Server, customer_id: &str) -> Value {
    let path = format!("/v1/customers/{}", encoded(customer_id));
    let response = delete(server, &path).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// A page of a customer's explanations; `rest` is more of the query.
pub(crate) async fn page(server: &Server, customer_id: &str, rest: &str) -> Value {
    let customer_id = encoded(customer_id);
    let path = format!("/v1/explanations?customer_id={customer_id}{rest}");
    let response = server.get(&path).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// The ids on a page, in its order.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let explanations = page["explanations"].as_array().unwrap().iter();
    let ids = explanations.map(|explanation| explanation["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The ids of all explanations of a customer, the newest first, page by page.
pub(crate) async fn listed(server: &Server, customer_id: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(server, customer_id, &format!("&limit=100{cursor}")).await;
        all.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
