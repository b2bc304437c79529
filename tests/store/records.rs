//! What the tests have in common: a database in a folder of its own, drafts, and SQL from outside.

use jiff::{Timestamp, Unit};
use microseg::history::Identifier;
use microseg::store::{Admission, Audit, Draft, KeptInput, Store};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use uuid::Uuid;

/// A database that lives as long as its folder.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}/records.db", self.folder.path().display())
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// A connection that the store knows nothing of.
    pub(crate) async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.folder.path().join("records.db"))
            .foreign_keys(false)
            .connect()
            .await
            .unwrap()
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn execute(&self, sql: impl Into<String>) {
        let mut connection = self.connect().await;
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        sql.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Makes a database that is no store.
    pub(crate) async fn execute_new(&self, sql: &'static str) {
        let mut connection = SqliteConnectOptions::new()
            .filename(self.folder.path().join("records.db"))
            .create_if_missing(true)
            .connect()
            .await
            .unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) async fn audit(&self) -> Audit {
        microseg::store::audit(&self.url(), None, |_, _| ())
            .await
            .unwrap()
    }

    /// Whether bytes are in any of the database's files.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.into_iter().any(|file| {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

/// Waits until none of the database's files holds some bytes.
pub(crate) async fn await_gone(place: &Place, bytes: &[u8]) {
    let gone = async {
        while place.holds(bytes) {
            tokio::task::yield_now().await;
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
