//! Test support: databases of their own, new records, and SQL past the store.

use std::path::Path;

use jiff::{Timestamp, Unit};
use microseg::history::Identifier;
use microseg::store::{
    AdmittedAt, Audit, KeptInput, KeptTransaction, Location, NewJob, NewRecord, NewTransactions,
    Page, Store,
};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Decode, Type};
use tempfile::TempDir;
use uuid::Uuid;

use crate::cluster::{Cluster, connect};

/// A database of a test.
pub(crate) enum TestDatabase {
    /// The folder of its files, deleted with it.
    Sqlite(TempDir),
    /// The URL of a database in the cluster that all tests share.
    Postgres(String),
}

impl TestDatabase {
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
            Self::Postgres(_) => panic!("PostgreSQL has no folder of its own here"),
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

    /// The store of a server with a name.
    pub(crate) async fn open_as(&self, instance: &str) -> Store {
        let location = Location {
            instance: Some(instance.to_owned()),
            ..self.url().as_str().into()
        };
        Store::open(location).await.unwrap()
    }

    /// Deletes the anchor that a store has noted beside its file.
    pub(crate) fn forget_anchor(&self) {
        if let Self::Sqlite(folder) = self {
            std::fs::remove_file(folder.path().join("records.db-anchor")).unwrap();
        }
    }

    /// A connection to SQLite that is not of the store.
    pub(crate) async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.folder().join("records.db"))
            .create_if_missing(true)
            .foreign_keys(false)
            .connect()
            .await
            .unwrap()
    }

    /// Runs SQL past the store, without the checks of foreign keys.
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

    /// SQL of this database: the document with a text replaced.
    pub(crate) fn replaced(&self, from: &str, to: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("CAST(replace(document, '{from}', '{to}') AS BLOB)"),
            Self::Postgres(_) => format!(
                "convert_to(replace(convert_from(document, 'UTF8'), '{from}', '{to}'), 'UTF8')"
            ),
        }
    }

    /// SQL of this database: a text as bytes.
    pub(crate) fn bytes(&self, text: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("CAST('{text}' AS BLOB)"),
            Self::Postgres(_) => format!("convert_to('{text}', 'UTF8')"),
        }
    }

    /// SQL of this database: copies the content of an entry to another number.
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
pub(crate) async fn await_scrubbed(database: &TestDatabase, bytes: &[u8]) {
    let gone = async {
        match database {
            TestDatabase::Sqlite(_) => {
                while database.holds(bytes) {
                    tokio::task::yield_now().await;
                }
            }
            TestDatabase::Postgres(_) => {
                let left = "SELECT (SELECT count(*) FROM job_contents WHERE request IS NOT NULL) \
                            + pg_stat_get_dead_tuples('job_contents'::regclass)";
                while database.values::<i64>(left).await != [0] {}
            }
        }
    };
    let limit = std::time::Duration::from_mins(1);
    tokio::time::timeout(limit, gone).await.unwrap();
}

/// A new record of a customer.
pub(crate) fn new_record(customer_id: &str) -> NewRecord {
    new_record_at(customer_id, Timestamp::now())
}

pub(crate) fn new_record_at(customer_id: &str, moment: Timestamp) -> NewRecord {
    let (id, created_at) = (Uuid::now_v7(), moment.round(Unit::Millisecond).unwrap());
    let document = json!({
        "id": id,
        "created_at": created_at.to_string(),
        "customer_id": customer_id,
        "model": {"name": "m", "version": "1", "sha256": "0"},
        "method": {"name": "lime", "level": "cell"},
        "targets": [{"name": "openness"}],
        "quality": {"verdict": "faithful"},
        "value": 0.1,
        "text": "{\"a\":\"}\"}",
    });
    NewRecord {
        id,
        created_at,
        customer_id: Some(Identifier::parse(customer_id).unwrap()),
        document: document.to_string().into_bytes(),
        input: KeptInput::Totals(format!("totals of {customer_id}").into_bytes()),
        of_job: false,
        admitted: AdmittedAt::default(),
    }
}

/// A job without a customer, with a small request.
pub(crate) fn new_job() -> NewJob {
    NewJob {
        id: Uuid::now_v7(),
        customer_id: None,
        request: vec![1],
        admitted: AdmittedAt::default(),
        caller: None,
    }
}

/// Transactions of a customer by their ids, all of one moment, admitted before every erasure of a new store.
pub(crate) fn new_transactions(customer_id: &str, documents: &[(&str, &str)]) -> NewTransactions {
    let transactions = documents.iter().map(|(id, document)| KeptTransaction {
        id: (*id).to_owned(),
        moment: 0,
        document: (*document).to_owned(),
    });
    NewTransactions {
        customer_id: customer_id.to_owned(),
        settings: "{}".to_owned(),
        transactions: transactions.collect(),
        most: 1000,
        admitted: AdmittedAt::default(),
        keyed: None,
    }
}

/// The ids on a page of records that can all be read.
pub(crate) fn listed(page: &Page) -> Vec<Uuid> {
    let records = page.records.iter();
    let ids = records.map(|record| record.summary.as_ref().and(record.id));
    ids.map(Option::unwrap).collect()
}

/// Writes a chain of ten entries: six explanations, an erasure (entry 7) of 2 and 3, an explanation, an erasure (9) of
/// 8, an explanation.
pub(crate) async fn chain(database: &TestDatabase) {
    let store = database.open().await;
    for customer_id in ["a", "gone", "gone", "b", "c", "d"] {
        store.append(new_record(customer_id)).await.unwrap();
    }
    assert_eq!(store.erase_customer("gone").await.unwrap().explanations, 2);
    let late = new_record("e");
    let id = late.id;
    store.append(late).await.unwrap();
    assert!(store.erase(id).await.unwrap());
    store.append(new_record("f")).await.unwrap();
    store.close().await;
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.explanations), (10, 8));
    assert_eq!((audit.erased, audit.erasures), (3, 2));
}

/// A text member of a record, such as one of its hashes.
pub(crate) fn member(record: &[u8], name: &str) -> String {
    let record: serde_json::Value = serde_json::from_slice(record).unwrap();
    record[name].as_str().unwrap().to_owned()
}

/// Runs the tests of a file on each database.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::support::TestDatabase::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::support::TestDatabase::postgres()).await;
            })*
        }
    };
}

pub(crate) use on_each_database;
