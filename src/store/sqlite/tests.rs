//! What can only be tried from inside: how connections are set, and a disk that is full.

use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use uuid::Uuid;

use super::Sqlite;
use crate::admission::Admission;
use crate::backend::Backend;
use crate::lease::Holder;
use crate::{Draft, KeptInput, Location, Store, StoreError};

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
async fn nothing_is_left_to_the_defaults_that_durability_and_erasing_rest_on() {
    let (_folder, database) = open().await;
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("secure_delete", "1"),
        ("temp_store", "2"),
        ("foreign_keys", "1"),
        ("page_size", "4096"),
    ] {
        assert_eq!(pragma(&database, name).await, value, "{name}");
    }
    // Scrubbing waits less, and must leave the patience as it was.
    let busy_timeout = async || {
        let connection = &mut *database.writer.acquire().await.unwrap();
        let timeout = sqlx::query_scalar::<_, i64>("PRAGMA busy_timeout");
        timeout.fetch_one(connection).await.unwrap()
    };
    let patience = busy_timeout().await;
    assert!(database.scrub().await.unwrap());
    assert_eq!(busy_timeout().await, patience);
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit() {
    let (_folder, database) = open().await;
    let store = Store::on(Backend::Sqlite(database.clone()), Holder::new(None));
    let limit = async |pages: u32| {
        let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        let connection = &mut *database.writer.acquire().await.unwrap();
        sqlx::query(sql).execute(connection).await.unwrap();
    };
    store.append(draft(100)).await.unwrap();
    limit(60).await;
    let (small, large, other) = (draft(100), draft(1_000_000), draft(100));
    let appends = [small, large.clone(), other].map(|draft| store.append(draft));
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

fn draft(padding: usize) -> Draft {
    let (id, created_at) = (Uuid::now_v7(), jiff::Timestamp::UNIX_EPOCH);
    let padding = "x".repeat(padding);
    Draft {
        id,
        created_at,
        customer_id: None,
        document: format!(r#"{{"id":"{id}","created_at":"{created_at}","padding":"{padding}"}}"#)
            .into(),
        input: KeptInput::Digest,
        of_job: false,
        admitted: Admission { erasure: 0 },
    }
}
