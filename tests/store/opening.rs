//! Tests of opening databases that exist, do not exist, or hold something else.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::try_join_all;
use microseg::store::{Store, StoreError};
use sha2::{Digest, Sha384};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::support::{TestDatabase, listed, new_record, on_each_database};

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

/// The file that version 0.1 has made: six explanations, one of which is erased, and a job that waits.
const OF_VERSION_0_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/records-0.1.sqlite");

/// A row of `entries` as version 0.1 had it.
type EntryRow = (
    i64,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<i64>,
    Option<i64>,
);

/// A row of `contents` as version 0.1 had it, without the guard of SQLite.
type ContentRow = (
    i64,
    Option<String>,
    Vec<u8>,
    Option<String>,
    Option<Vec<u8>>,
);

/// Puts the rows of that file into the tables as version 0.1 made them in PostgreSQL.
async fn fill_as_version_0_1(url: &str) {
    let mut from = SqliteConnectOptions::new()
        .filename(OF_VERSION_0_1)
        .read_only(true)
        .immutable(true)
        .connect()
        .await
        .unwrap();
    let mut to = crate::cluster::connect(url).await;
    let tables = include_str!("../../migrations/postgres/0001_records.sql");
    sqlx::raw_sql(tables).execute(&mut to).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, \
         checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)",
    )
    .execute(&mut to)
    .await
    .unwrap();
    let applied = "INSERT INTO _sqlx_migrations VALUES (1, 'records', now(), TRUE, $1, 1)";
    let applied = sqlx::query(applied).bind(Sha384::digest(tables).to_vec());
    applied.execute(&mut to).await.unwrap();

    let entries: Vec<EntryRow> = sqlx::query_as("SELECT * FROM entries ORDER BY sequence")
        .fetch_all(&mut from)
        .await
        .unwrap();
    for row in entries {
        let insert = sqlx::query("INSERT INTO entries VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let insert = insert.bind(row.0).bind(row.1).bind(row.2).bind(row.3);
        let insert = insert.bind(row.4).bind(row.5).bind(row.6).bind(row.7);
        insert.execute(&mut to).await.unwrap();
    }
    let contents: Vec<ContentRow> =
        sqlx::query_as("SELECT sequence, customer_id, document, input_form, input FROM contents")
            .fetch_all(&mut from)
            .await
            .unwrap();
    for row in contents {
        let insert = sqlx::query("INSERT INTO contents VALUES ($1, $2, $3, $4, $5)");
        let insert = insert.bind(row.0).bind(row.1).bind(row.2);
        insert
            .bind(row.3)
            .bind(row.4)
            .execute(&mut to)
            .await
            .unwrap();
    }
    let (id, created_at, bucket, customer_id, request): (String, i64, i64, String, Vec<u8>) =
        sqlx::query_as(
            "SELECT id, created_at, customer_bucket, customer_id, request \
             FROM jobs JOIN job_contents USING (number) WHERE state = 'queued'",
        )
        .fetch_one(&mut from)
        .await
        .unwrap();
    let insert = sqlx::query(
        "WITH added AS (INSERT INTO jobs (id, created_at, state, customer_bucket) \
         VALUES ($1, $2, 'queued', $3) RETURNING number) \
         INSERT INTO job_contents SELECT number, $4, $5 FROM added",
    );
    let insert = insert.bind(id).bind(created_at).bind(bucket);
    let insert = insert.bind(customer_id).bind(request);
    insert.execute(&mut to).await.unwrap();
}

async fn database_of_version_0_1_is_upgraded_with_its_records(database: TestDatabase) {
    match &database {
        TestDatabase::Sqlite(folder) => {
            std::fs::copy(OF_VERSION_0_1, folder.path().join("records.db")).unwrap();
        }
        TestDatabase::Postgres(url) => fill_as_version_0_1(url).await,
    }
    let before = database.audit().await;
    assert!(before.whole, "{before:?}");
    assert_eq!((before.entries, before.explanations), (7, 6));
    assert_eq!((before.erased, before.erasures), (1, 1));
    let documents: Vec<Vec<u8>> = database
        .values("SELECT document FROM contents WHERE customer_id = 'c-1' ORDER BY sequence DESC")
        .await;

    let store = database.open().await;
    assert_eq!(database.audit().await.head, before.head);
    for _ in 0..2 {
        let page = store.list("c-1", None, 10).await.unwrap();
        let ids = listed(&page);
        assert_eq!(ids.len(), 2);
        for (id, document) in ids.iter().zip(&documents) {
            assert_eq!(store.document(*id).await.unwrap().as_ref(), Some(document));
            let read: serde_json::Value = serde_json::from_slice(document).unwrap();
            let record = page.records.iter().find(|record| record.id == Some(*id));
            let record = record.unwrap();
            let summary = record.summary.as_ref().unwrap();
            assert_eq!(summary.model, read["model"]);
            assert_eq!(summary.method, read["method"]["name"]);
            assert_eq!(summary.verdict, read["quality"]["verdict"]);
            assert_eq!(record.created_at.unwrap().to_string(), read["created_at"]);
        }
        store.fill_summaries().await.unwrap();
    }
    let unfilled = "SELECT count(*) FROM entries WHERE summary IS NULL AND id IS NOT NULL AND kind = 'explanation'";
    assert_eq!(database.values::<i64>(unfilled).await, [0]);
    let job = store.next_job().await.unwrap().unwrap();
    assert!(job.request.starts_with(b"r-1 spending-personality 1\n{"));
    store.append(new_record("c-1")).await.unwrap();
    assert!(store.erase_customer("c-2").await.unwrap().explanations > 0);
    let after = database.audit().await;
    assert!(after.whole, "{after:?}");
    assert_eq!((after.entries, after.erased), (9, 2));
}

on_each_database! {
    database_of_version_0_1_is_upgraded_with_its_records,
    new_database_can_be_opened_by_several_stores_at_once,
    database_of_a_newer_program_is_refused,
    audit_of_a_foreign_database_creates_no_tables,
    audit_beside_a_writer_finds_a_whole_chain,
}
