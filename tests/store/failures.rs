//! Tests of failed operations and of a replaced file.

use futures_util::future::join_all;
use microseg::store::{Store, StoreError};
use test_support::wait::eventually;
use uuid::Uuid;

use crate::support::{TestDatabase, new_record, on_each_database};

async fn failed_operation_does_not_affect_its_batch(database: TestDatabase) {
    let store = database.open().await;
    let forbidding = match database {
        TestDatabase::Sqlite(_) => {
            "CREATE TRIGGER refuse BEFORE INSERT ON contents WHEN NEW.customer_id = 'bad' \
             BEGIN SELECT RAISE(ABORT, 'the trigger forbids it'); END"
        }
        TestDatabase::Postgres(_) => {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the trigger forbids it'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON contents FOR EACH ROW \
             WHEN (NEW.customer_id = 'bad') EXECUTE FUNCTION refuse()"
        }
    };
    database.execute(forbidding).await;
    let customers = (0..300).map(|number| if number % 100 == 50 { "bad" } else { "good" });
    let outcomes = join_all(customers.clone().map(|name| store.append(new_record(name)))).await;
    for (name, outcome) in customers.zip(outcomes) {
        match outcome {
            Ok(_) => assert_eq!(name, "good"),
            Err(error) => {
                assert_eq!(name, "bad");
                assert!(error.to_string().contains("forbids"), "{error}");
            }
        }
    }
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 297);
}

async fn expect_replaced(store: &Store) {
    for _ in 0..2 {
        let error = store.append(new_record("c")).await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
        assert!(error.to_string().contains("records.db"), "{error}");
        let error = store.erase_customer("c").await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    }
}

#[tokio::test]
async fn replaced_file_refuses_every_write() {
    let database = TestDatabase::sqlite();
    let file = database.folder().join("records.db");
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    let moved = database.folder().join("moved.db");
    std::fs::rename(&file, &moved).unwrap();
    expect_replaced(&store).await;
    // Another file of that name is another database.
    std::fs::copy(&moved, &file).unwrap();
    expect_replaced(&store).await;

    std::fs::rename(&moved, &file).unwrap();
    store.append(new_record("c")).await.unwrap();
    assert_eq!(database.audit().await.entries, 2);
}

/// The files of SQLite, each with the suffix of its name.
const FILES: [&str; 3] = ["records.db", "records.db-wal", "records.db-shm"];

/// A store with acknowledged records, of which the newest are in the journal alone.
async fn with_records(database: &TestDatabase, count: usize) -> (Store, Vec<Uuid>) {
    let store = database.open().await;
    let mut ids = Vec::new();
    for _ in 0..count {
        let record = new_record("c");
        ids.push(record.id);
        store.append(record).await.unwrap();
    }
    (store, ids)
}

async fn assert_refused(store: &Store, file: &str) {
    for _ in 0..2 {
        match store.append(new_record("c")).await {
            Err(StoreError::Replaced { database } | StoreError::Cut { database }) => {
                assert!(database.ends_with(file), "{database}");
            }
            other => panic!("{file}: {other:?}"),
        }
    }
}

/// The files as a killed process leaves them.
fn crashed(database: &TestDatabase) -> TestDatabase {
    let crashed = TestDatabase::sqlite();
    for file in std::fs::read_dir(database.folder()).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), crashed.folder().join(file.file_name())).unwrap();
        }
    }
    crashed
}

#[tokio::test]
async fn deleted_file_refuses_every_write() {
    for file in FILES {
        let database = TestDatabase::sqlite();
        let (store, _) = with_records(&database, 3).await;
        let path = database.folder().join(file);
        let moved = database.folder().join("moved");
        std::fs::rename(&path, &moved).unwrap();
        assert_refused(&store, file).await;
        std::fs::rename(&moved, &path).unwrap();
        store.append(new_record("c")).await.unwrap();
        store.close().await;
        assert_eq!(database.audit().await.entries, 4, "{file}");
    }
}

#[tokio::test]
async fn replaced_journal_refuses_every_write() {
    for file in FILES {
        let database = TestDatabase::sqlite();
        let (store, _) = with_records(&database, 3).await;
        let path = database.folder().join(file);
        let copy = database.folder().join("copy");
        std::fs::copy(&path, &copy).unwrap();
        std::fs::rename(&copy, &path).unwrap();
        assert_refused(&store, file).await;
    }
}

#[tokio::test]
async fn cut_file_refuses_every_write() {
    for file in ["records.db", "records.db-wal"] {
        for share in [0, 2] {
            let database = TestDatabase::sqlite();
            let (store, _) = with_records(&database, 3).await;
            let path = database.folder().join(file);
            let opened = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let length = opened.metadata().unwrap().len();
            opened.set_len(length * share / 3).unwrap();
            assert_refused(&store, file).await;
        }
    }
}

#[tokio::test]
async fn records_before_the_deletion_of_the_journal_survive_a_kill() {
    let database = TestDatabase::sqlite();
    let (store, ids) = with_records(&database, 20).await;
    std::fs::remove_file(database.folder().join("records.db-wal")).unwrap();
    // Found although nothing is written: the file then has the journal's pages.
    let main = database.folder().join("records.db");
    let is_rescued = || {
        let bytes = std::fs::read(&main).unwrap();
        let last = ids[19].to_string();
        bytes.windows(36).any(|window| window == last.as_bytes())
    };
    eventually("the journal is moved", async || is_rescued().then_some(())).await;
    assert_refused(&store, "records.db-wal").await;
    let crashed = crashed(&database);
    let store = crashed.open().await;
    for id in ids {
        assert!(store.document(id).await.unwrap().is_some(), "{id}");
    }
    assert!(crashed.audit().await.whole);
}

#[tokio::test]
async fn lost_chain_is_not_opened_silently() {
    for lost in [&["records.db", "records.db-wal"][..], &["records.db-wal"]] {
        let database = TestDatabase::sqlite();
        let (_store, _) = with_records(&database, 5).await;
        let crashed = crashed(&database);
        for file in lost {
            std::fs::remove_file(crashed.folder().join(file)).unwrap();
        }
        for _ in 0..2 {
            let error = Store::open(&crashed.url()).await.unwrap_err();
            match &error {
                StoreError::ChainLost { sequence: 5, .. } => {}
                other => panic!("{lost:?}: {other}"),
            }
            assert!(error.to_string().contains("records.db-anchor"), "{error}");
        }
        assert_eq!(
            crashed.folder().join("records.db").exists(),
            lost.len() == 1
        );
        // The operator says that it is intended.
        std::fs::remove_file(crashed.folder().join("records.db-anchor")).unwrap();
        let store = crashed.open().await;
        store.append(new_record("c")).await.unwrap();
        assert!(crashed.folder().join("records.db-anchor").exists());
    }
}

#[tokio::test]
async fn older_copy_of_the_database_is_not_opened_silently() {
    let database = TestDatabase::sqlite();
    let (store, _) = with_records(&database, 2).await;
    let older = crashed(&database);
    for _ in 0..3 {
        store.append(new_record("c")).await.unwrap();
    }
    store.close().await;
    let copy = |from: &TestDatabase, name: &str| {
        std::fs::copy(from.folder().join(name), database.folder().join(name)).unwrap();
    };
    copy(&older, "records.db");
    copy(&older, "records.db-wal");
    let error = Store::open(&database.url()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::ChainLost { sequence: 5, .. }),
        "{error}"
    );
    // A copy of the database without the anchor can be used anywhere.
    std::fs::remove_file(older.folder().join("records.db-anchor")).unwrap();
    assert!(older.open().await.append(new_record("c")).await.is_ok());
}

#[tokio::test]
async fn chain_that_was_cut_under_an_open_store_is_not_written_to() {
    let database = TestDatabase::sqlite();
    let (store, _) = with_records(&database, 3).await;
    database
        .execute("DELETE FROM contents WHERE sequence > 1; DELETE FROM entries WHERE sequence > 1")
        .await;
    let error = store.append(new_record("c")).await.unwrap_err();
    assert!(
        matches!(error, StoreError::ChainLost { sequence: 3, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn second_store_of_a_file_may_be_ahead_of_the_first() {
    let database = TestDatabase::sqlite();
    let stores = [database.open().await, database.open().await];
    for number in 0..6 {
        stores[number % 2].append(new_record("c")).await.unwrap();
    }
    for store in stores {
        store.close().await;
    }
    database.open().await.append(new_record("c")).await.unwrap();
    assert_eq!(database.audit().await.entries, 7);
}

on_each_database! {
    failed_operation_does_not_affect_its_batch,
}
