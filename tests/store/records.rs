//! What the tests have in common: a database of their own, drafts, and SQL from outside.

use std::path::Path;

use jiff::{Timestamp, Unit};
use microseg::history::Identifier;
use microseg::store::{Admission, Audit, Draft, KeptInput, Location, Store};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Decode, Type};
use tempfile::TempDir;
use uuid::Uuid;

use crate::cluster::{Cluster, connect};

/// A database of a test.
pub(crate) enum Place {
    /// It lives as long as its folder.
    Sqlite(TempDir),
    /// It is in the cluster that all tests share.
    Postgres(String),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Cluster::shared().database())
    }

    /// Another one of its kind.
    pub(crate) fn another(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres(_) => Self::postgres(),
        }
    }

    /// The folder of SQLite's files.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(folder) => folder.path(),
            Self::Postgres(_) => panic!("this test is of files"),
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/records.db", folder.path().display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// A server's store under its name.
    pub(crate) async fn open_as(&self, instance: &str) -> Store {
        let location = Location {
            instance: Some(instance.to_owned()),
            ..self.url().as_str().into()
        };
        Store::open(location).await.unwrap()
    }

    /// A connection to SQLite that the store knows nothing of.
    pub(crate) async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.folder().join("records.db"))
            .create_if_missing(true)
            .foreign_keys(false)
            .connect()
            .await
            .unwrap()
    }

    /// Changes the database behind the store's back, whatever its tables think of it.
    pub(crate) async fn execute(&self, sql: impl Into<String>) {
        let sql = sql.into();
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.connect().await;
                let sql = sqlx::raw_sql(AssertSqlSafe(sql));
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                let sql = format!("SET session_replication_role = replica; {sql}");
                let sql = sqlx::raw_sql(AssertSqlSafe(sql));
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// The values of a column, past the store.
    pub(crate) async fn values<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'row> Decode<'row, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'row> Decode<'row, sqlx::Postgres> + Type<sqlx::Postgres>,
        T: Send + Unpin,
    {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.connect().await;
                let values = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
                connection.close().await.unwrap();
                values.unwrap()
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                let values = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
                connection.close().await.unwrap();
                values.unwrap()
            }
        }
    }

    /// The document with another text in it, in this database's SQL.
    pub(crate) fn replaced(&self, from: &str, to: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("CAST(replace(document, '{from}', '{to}') AS BLOB)"),
            Self::Postgres(_) => format!(
                "convert_to(replace(convert_from(document, 'UTF8'), '{from}', '{to}'), 'UTF8')"
            ),
        }
    }

    /// Text as bytes, in this database's SQL.
    pub(crate) fn bytes(&self, text: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("CAST('{text}' AS BLOB)"),
            Self::Postgres(_) => format!("convert_to('{text}', 'UTF8')"),
        }
    }

    /// What gives an entry the content of another one, in this database's SQL.
    pub(crate) fn copied(&self, from: i64, to: i64) -> String {
        let guard = match self {
            Self::Sqlite(_) => "guard, ",
            Self::Postgres(_) => "",
        };
        let columns = format!("{guard}customer_id, document, input_form, input");
        format!(
            "INSERT INTO contents (sequence, {columns}) SELECT {to}, {columns} FROM contents WHERE sequence = {from}"
        )
    }

    pub(crate) async fn audit(&self) -> Audit {
        microseg::store::audit(&self.url(), None, |_, _| ())
            .await
            .unwrap()
    }

    /// Whether bytes are in any of SQLite's files.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder()).unwrap();
        files.into_iter().any(|file| {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

/// Waits until none of SQLite's files holds some bytes, or PostgreSQL keeps no request.
pub(crate) async fn await_gone(place: &Place, bytes: &[u8]) {
    let gone = async {
        match place {
            Place::Sqlite(_) => {
                while place.holds(bytes) {
                    tokio::task::yield_now().await;
                }
            }
            Place::Postgres(_) => {
                let left = "SELECT (SELECT count(*) FROM job_contents WHERE request IS NOT NULL) \
                            + pg_stat_get_dead_tuples('job_contents'::regclass)";
                while place.values::<i64>(left).await != [0] {}
            }
        }
    };
    let patience = std::time::Duration::from_mins(1);
    tokio::time::timeout(patience, gone).await.unwrap();
}

/// A draft about a customer.
pub(crate) fn draft(customer_id: &str) -> Draft {
    draft_at(customer_id, Timestamp::now())
}

pub(crate) fn draft_at(customer_id: &str, moment: Timestamp) -> Draft {
    let (id, created_at) = (Uuid::now_v7(), moment.round(Unit::Millisecond).unwrap());
    let document = json!({
        "id": id,
        "created_at": created_at.to_string(),
        "customer_id": customer_id,
        "value": 0.1,
        "text": "{\"a\":\"}\"}",
    });
    Draft {
        id,
        created_at,
        customer_id: Some(Identifier::parse(customer_id).unwrap()),
        document: document.to_string().into_bytes(),
        input: KeptInput::Totals(format!("totals of {customer_id}").into_bytes()),
        of_job: false,
        admitted: Admission::default(),
    }
}

/// A hash that a record says of itself, or of the entry before it.
pub(crate) fn member(record: &[u8], name: &str) -> String {
    let record: serde_json::Value = serde_json::from_slice(record).unwrap();
    record[name].as_str().unwrap().to_owned()
}

/// Runs tests of a file on each database.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::records::Place::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::records::Place::postgres()).await;
            })*
        }
    };
}

pub(crate) use on_each_database;
