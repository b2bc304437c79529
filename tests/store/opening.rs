//! Tests of opening databases that exist, do not exist, or hold something else.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::try_join_all;
use microseg::store::{Store, StoreError};

use crate::support::{TestDatabase, new_record, on_each_database};

#[tokio::test]
async fn file_that_is_no_database_is_refused() {
    let database = TestDatabase::sqlite();
    let file = database.folder().join("records.db");
    std::fs::write(&file, "Dear diary, this is no database. ".repeat(200)).unwrap();
    let error = Store::open(&database.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("not a database"), "{error}");
    let error = microseg::store::audit(&database.url(), None, |_, _| ()).await;
    assert!(matches!(error, Err(StoreError::Open { .. })), "{error:?}");
}

#[tokio::test]
async fn missing_folder_is_refused_with_its_path() {
    let database = TestDatabase::sqlite();
    let url = format!("sqlite://{}/none/records.db", database.folder().display());
    let error = Store::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("none/records.db"), "{error}");
}

#[tokio::test]
async fn unknown_scheme_is_refused_without_the_password() {
    let error = Store::open("mysql://anna:secret@localhost/records")
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Scheme));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn new_files_are_readable_by_their_owner_only() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    for file in std::fs::read_dir(database.folder()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

async fn new_database_can_be_opened_by_several_stores_at_once(database: TestDatabase) {
    let url = database.url();
    let stores = try_join_all((0..8).map(|_| Store::open(&url)))
        .await
        .unwrap();
    try_join_all(stores.iter().map(|store| store.append(new_record("c"))))
        .await
        .unwrap();
    assert_eq!(database.audit().await.entries, 8);
}

async fn database_of_a_newer_program_is_refused(database: TestDatabase) {
    database.open().await.close().await;
    database
        .execute("UPDATE _sqlx_migrations SET version = version + 9000")
        .await;
    let error = Store::open(&database.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration { .. }), "{error}");
}

#[tokio::test]
async fn audit_of_a_missing_file_creates_none() {
    let database = TestDatabase::sqlite();
    let error = microseg::store::audit(&database.url(), None, |_, _| ()).await;
    assert!(
        matches!(error, Err(StoreError::Missing { .. })),
        "{error:?}"
    );
    assert_eq!(std::fs::read_dir(database.folder()).unwrap().count(), 0);
}

async fn audit_of_a_foreign_database_creates_no_tables(database: TestDatabase) {
    database.execute("CREATE TABLE cats (name TEXT)").await;
    for _ in 0..2 {
        let error = microseg::store::audit(&database.url(), None, |_, _| ()).await;
        assert!(
            matches!(error, Err(StoreError::Foreign { .. })),
            "{error:?}"
        );
    }
}

async fn audit_beside_a_writer_finds_a_whole_chain(database: TestDatabase) {
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    let mut seen = 0;
    let writing = async {
        for _ in 0..200 {
            store.append(new_record("c")).await.unwrap();
        }
    };
    let auditing = async {
        for _ in 0..20 {
            let audit = database.audit().await;
            assert!(audit.whole, "{audit:?}");
            assert!(audit.entries >= seen);
            seen = audit.entries;
        }
    };
    futures_util::future::join(writing, auditing).await;
    assert_eq!(database.audit().await.entries, 201);
}

on_each_database! {
    new_database_can_be_opened_by_several_stores_at_once,
    database_of_a_newer_program_is_refused,
    audit_of_a_foreign_database_creates_no_tables,
    audit_beside_a_writer_finds_a_whole_chain,
}
