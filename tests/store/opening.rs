//! Opening databases that are there, are not, or are something else.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::try_join_all;
use microseg::store::{Store, StoreError};

use crate::records::{Place, draft, on_each_database};

#[tokio::test]
async fn what_is_no_database_is_named() {
    let place = Place::sqlite();
    let file = place.folder().join("records.db");
    std::fs::write(&file, "Dear diary, this is no database. ".repeat(200)).unwrap();
    let error = Store::open(&place.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("not a database"), "{error}");
    let error = microseg::store::audit(&place.url(), None, |_, _| ()).await;
    assert!(matches!(error, Err(StoreError::Open { .. })), "{error:?}");
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let place = Place::sqlite();
    let url = format!("sqlite://{}/none/records.db", place.folder().display());
    let error = Store::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("none/records.db"), "{error}");
}

#[tokio::test]
async fn other_databases_are_refused_and_no_password_repeated() {
    let error = Store::open("mysql://anna:secret@localhost/records")
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Scheme));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn a_new_database_is_its_owners_alone() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.append(draft("c")).await.unwrap();
    for file in std::fs::read_dir(place.folder()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

async fn several_can_open_a_new_database_at_once(place: Place) {
    let url = place.url();
    let stores = try_join_all((0..8).map(|_| Store::open(&url)))
        .await
        .unwrap();
    try_join_all(stores.iter().map(|store| store.append(draft("c"))))
        .await
        .unwrap();
    assert_eq!(place.audit().await.entries, 8);
}

async fn a_database_of_a_newer_program_is_left_alone(place: Place) {
    place.open().await.close().await;
    place
        .execute("UPDATE _sqlx_migrations SET version = version + 9000")
        .await;
    let error = Store::open(&place.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration { .. }), "{error}");
}

#[tokio::test]
async fn an_audit_makes_no_file() {
    let place = Place::sqlite();
    let error = microseg::store::audit(&place.url(), None, |_, _| ()).await;
    assert!(
        matches!(error, Err(StoreError::Missing { .. })),
        "{error:?}"
    );
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

async fn an_audit_makes_no_tables(place: Place) {
    place.execute("CREATE TABLE cats (name TEXT)").await;
    for _ in 0..2 {
        let error = microseg::store::audit(&place.url(), None, |_, _| ()).await;
        assert!(
            matches!(error, Err(StoreError::Foreign { .. })),
            "{error:?}"
        );
    }
}

async fn an_audit_runs_beside_a_writer(place: Place) {
    let store = place.open().await;
    store.append(draft("c")).await.unwrap();
    let mut seen = 0;
    let writing = async {
        for _ in 0..200 {
            store.append(draft("c")).await.unwrap();
        }
    };
    let auditing = async {
        for _ in 0..20 {
            let audit = place.audit().await;
            assert!(audit.whole, "{audit:?}");
            assert!(audit.entries >= seen);
            seen = audit.entries;
        }
    };
    futures_util::future::join(writing, auditing).await;
    assert_eq!(place.audit().await.entries, 201);
}

on_each_database! {
    several_can_open_a_new_database_at_once,
    a_database_of_a_newer_program_is_left_alone,
    an_audit_makes_no_tables,
    an_audit_runs_beside_a_writer,
}
