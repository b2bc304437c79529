//! Tests of reading records that were altered past the store, and of lists that read no document.

use microseg::store::{Fault, Store, StoreError};
use uuid::Uuid;

use crate::support::{TestDatabase, listed, new_record, on_each_database};

/// A store with three records of a customer; the ids, the oldest first.
async fn three_records(database: &TestDatabase) -> (Store, Vec<Uuid>) {
    let store = database.open().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let record = new_record("c");
        ids.push(record.id);
        store.append(record).await.unwrap();
    }
    (store, ids)
}

async fn altered_record_is_not_served(database: TestDatabase) {
    for (sql, fault) in [
        (
            format!(
                "UPDATE contents SET document = {} WHERE sequence = 2",
                database.replaced("faithful", "faithfuI")
            ),
            Fault::DocumentHash,
        ),
        (
            "UPDATE contents SET document = substr(document, 1, 40) WHERE sequence = 2".to_owned(),
            Fault::Unreadable,
        ),
        (
            format!(
                "UPDATE contents SET document = {} WHERE sequence = 2",
                database.replaced("\",\"record_sha256\":\"", "\",\"record_sha256\":\" ")
            ),
            Fault::Unreadable,
        ),
        (
            "UPDATE contents SET document = (SELECT document FROM contents WHERE sequence = 1) WHERE sequence = 2"
                .to_owned(),
            Fault::DocumentHash,
        ),
        (
            format!("UPDATE entries SET record_sha256 = '{}' WHERE sequence = 2", "0".repeat(64)),
            Fault::RecordHash,
        ),
        (
            "UPDATE entries SET kind = 'erasure' WHERE sequence = 2".to_owned(),
            Fault::Column { name: "kind" },
        ),
        (
            "UPDATE entries SET created_at = created_at + 1 WHERE sequence = 2".to_owned(),
            Fault::Column { name: "created_at" },
        ),
        (
            "UPDATE entries SET summary = replace(summary, 'faithful', 'unfaithful') WHERE sequence = 2".to_owned(),
            Fault::Column { name: "summary" },
        ),
        (
            "DELETE FROM contents WHERE sequence = 2".to_owned(),
            Fault::Missing,
        ),
    ] {
        let database = database.another();
        let (store, ids) = three_records(&database).await;
        database.execute(&*sql).await;
        match store.document(ids[1]).await {
            Err(StoreError::Altered(broken)) => {
                assert_eq!((broken.sequence, broken.fault), (2, fault.clone()), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
        for id in [ids[0], ids[2]] {
            assert!(store.document(id).await.unwrap().is_some(), "{sql}");
        }
        // The audit says the same.
        let audit = database.audit().await;
        assert_eq!(audit.broken.map(|broken| broken.fault), Some(fault), "{sql}");
        if let Ok(Some(record)) = store.record(ids[1]).await {
            assert!(record.altered.is_some(), "{sql}");
        }
    }
}

/// Without its content nobody knows whose it was.
async fn altered_record_of_a_tenant_is_none_to_others(database: TestDatabase) {
    let store = database.open().await;
    let north = store.of(&"north".parse().unwrap());
    let record = new_record("c");
    let id = record.id;
    north.append(record).await.unwrap();
    let is_told =
        async |store: &Store| matches!(store.document(id).await, Err(StoreError::Altered(_)));
    database
        .execute("UPDATE contents SET document = substr(document, 1, 40)")
        .await;
    assert!(is_told(&north).await);
    assert!(north.record(id).await.unwrap().unwrap().altered.is_some());
    assert_eq!(store.document(id).await.unwrap(), None);
    assert_eq!(store.record(id).await.unwrap(), None);
    database.execute("DELETE FROM contents").await;
    assert!(is_told(&north).await);
    assert!(is_told(&store).await);
}

/// The list neither reads the documents nor needs them.
async fn list_is_whole_without_documents(database: TestDatabase) {
    let (store, ids) = three_records(&database).await;
    database
        .execute("UPDATE contents SET document = substr(document, 1, 0)")
        .await;
    let page = store.list("c", None, 10).await.unwrap();
    assert_eq!(listed(&page), [ids[2], ids[1], ids[0]]);
}

async fn unreadable_record_is_told_in_its_place(database: TestDatabase) {
    let (store, ids) = three_records(&database).await;
    database
        .execute("UPDATE entries SET summary = '{' WHERE sequence = 2")
        .await;
    let page = store.list("c", None, 10).await.unwrap();
    let found: Vec<_> = page.records.iter().map(|record| record.id).collect();
    assert_eq!(found, [Some(ids[2]), Some(ids[1]), Some(ids[0])]);
    let readable = page.records.iter().map(|record| record.summary.is_some());
    assert_eq!(readable.collect::<Vec<_>>(), [true, false, true]);
}

/// Columns of SQLite that are no text.
#[tokio::test]
async fn unreadable_columns_cost_the_list_nothing() {
    let database = TestDatabase::sqlite();
    let (store, ids) = three_records(&database).await;
    database
        .execute(
            "UPDATE entries SET id = CAST(X'FF80' AS TEXT) WHERE sequence = 1; \
             UPDATE entries SET summary = CAST(X'FF80' AS TEXT) WHERE sequence = 2",
        )
        .await;
    let page = store.list("c", None, 10).await.unwrap();
    let found: Vec<_> = page.records.iter().map(|record| record.id).collect();
    assert_eq!(found, [Some(ids[2]), Some(ids[1]), None]);
    assert!(page.records[0].summary.is_some());
    assert!(page.records[1].summary.is_none());
    assert!(matches!(
        store.document(ids[1]).await,
        Err(StoreError::Altered(_))
    ));
}

/// Rows as version 0.1 wrote them.
async fn rows_without_a_summary_are_listed_from_documents_and_filled(database: TestDatabase) {
    let (store, ids) = three_records(&database).await;
    let broken = database.replaced("faithful", "faithfuI");
    database
        .execute(format!(
            "UPDATE entries SET summary = NULL; UPDATE contents SET document = {broken} WHERE sequence = 2"
        ))
        .await;
    let missing = async || {
        database
            .values::<i64>("SELECT count(*) FROM entries WHERE summary IS NULL")
            .await
    };
    for left in [3, 1] {
        assert_eq!(missing().await, [left]);
        let page = store.list("c", None, 10).await.unwrap();
        let found: Vec<_> = page.records.iter().map(|record| record.id).collect();
        assert_eq!(found, [Some(ids[2]), Some(ids[1]), Some(ids[0])]);
        let readable = page.records.iter().map(|record| record.summary.is_some());
        assert_eq!(readable.collect::<Vec<_>>(), [true, false, true]);
        // An altered document makes no summary.
        assert_eq!(
            store.fill_summaries().await.unwrap(),
            if left == 3 { 2 } else { 0 }
        );
    }
}

async fn erased_record_keeps_no_summary(database: TestDatabase) {
    let (store, ids) = three_records(&database).await;
    assert!(store.erase(ids[1]).await.unwrap());
    let left: Vec<i64> = database
        .values("SELECT sequence FROM entries WHERE summary IS NOT NULL ORDER BY sequence")
        .await;
    assert_eq!(left, [1, 3]);
    // What remains of a summary is a fault.
    assert!(database.audit().await.whole);
    database
        .execute("UPDATE entries SET summary = '{}' WHERE sequence = 2")
        .await;
    let audit = database.audit().await;
    assert_eq!(
        audit.broken.map(|broken| broken.fault),
        Some(Fault::Remains)
    );
}

/// An audit migrates nothing.
async fn database_of_version_0_1_is_audited_as_it_is(database: TestDatabase) {
    let (store, _) = three_records(&database).await;
    store.close().await;
    database
        .execute("DROP INDEX entries_unsummarized; ALTER TABLE entries DROP COLUMN summary")
        .await;
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 3);
}

on_each_database! {
    altered_record_is_not_served,
    altered_record_of_a_tenant_is_none_to_others,
    list_is_whole_without_documents,
    unreadable_record_is_told_in_its_place,
    rows_without_a_summary_are_listed_from_documents_and_filled,
    erased_record_keeps_no_summary,
    database_of_version_0_1_is_audited_as_it_is,
}
