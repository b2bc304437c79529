//! Tests that need the writer's connection: its settings, and a full disk.

use std::sync::Arc;

use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use uuid::Uuid;

use super::database::Sqlite;
use crate::database::interface::Database;
use crate::jobs::lease::LeaseHolder;
use crate::{AdmittedAt, KeptInput, Location, NewRecord, Store, StoreError};

async fn open() -> (TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/records.db", folder.path().display());
    let database = Sqlite::open(&Location::from(&url)).await.unwrap();
    (folder, database)
}

async fn pragma(database: &Sqlite, name: &str) -> String {
    let connection = &mut *database.writer.acquire().await.unwrap();
    let sql = AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn writer_has_the_settings_that_durability_and_erasing_need() {
    let (_folder, database) = open().await;
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("secure_delete", "1"),
        ("temp_store", "2"),
        ("foreign_keys", "1"),
        ("page_size", "4096"),
        ("auto_vacuum", "2"),
    ] {
        assert_eq!(pragma(&database, name).await, value, "{name}");
    }
    // Scrubbing waits for less time, and must restore the timeout.
    let busy_timeout = async || {
        let connection = &mut *database.writer.acquire().await.unwrap();
        let timeout = sqlx::query_scalar::<_, i64>("PRAGMA busy_timeout");
        timeout.fetch_one(connection).await.unwrap()
    };
    let before = busy_timeout().await;
    assert!(database.scrub().await.unwrap());
    assert_eq!(busy_timeout().await, before);
}

#[tokio::test]
async fn full_disk_fails_only_the_record_that_does_not_fit() {
    let (_folder, database) = open().await;
    let store = Store::on(Arc::new(database.clone()), LeaseHolder::new(None));
    let limit = async |pages: u32| {
        let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        let connection = &mut *database.writer.acquire().await.unwrap();
        sqlx::query(sql).execute(connection).await.unwrap();
    };
    store.append(record(100)).await.unwrap();
    limit(60).await;
    let (small, large, other) = (record(100), record(1_000_000), record(100));
    let appends = [small, large.clone(), other].map(|record| store.append(record));
    let [before, full, after] = <[_; 3]>::try_from(join_all(appends).await).unwrap();
    assert!(before.is_ok() && after.is_ok(), "{before:?} {after:?}");
    let error = full.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(store.document(large.id).await.unwrap(), None);

    limit(1_000_000).await;
    store.append(large).await.unwrap();
    let audit = store.audit(None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 4);
}

fn record(padding: usize) -> NewRecord {
    let (id, created_at) = (Uuid::now_v7(), jiff::Timestamp::UNIX_EPOCH);
    let padding = "x".repeat(padding);
    NewRecord {
        id,
        created_at,
        customer_id: None,
        document: format!(r#"{{"id":"{id}","created_at":"{created_at}","padding":"{padding}"}}"#)
            .into(),
        input: KeptInput::Digest,
        of_job: false,
        admitted: AdmittedAt::default(),
    }
}
