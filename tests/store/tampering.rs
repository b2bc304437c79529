//! Audits of databases that were changed past the store.

use microseg::store::{Audit, Fault};

use crate::support::{TestDatabase, chain, on_each_database};

/// Asserts that an audit of a new chain on the same kind of database, after some SQL, reports this entry and this
/// fault.
async fn expect(kind: &TestDatabase, sql: &str, sequence: u64, fault: Fault) -> Audit {
    let database = kind.another();
    chain(&database).await;
    database.execute(sql).await;
    let audit = database.audit().await;
    let broken = audit.broken.clone();
    let broken = broken.unwrap_or_else(|| panic!("whole after: {sql}"));
    assert_eq!((broken.sequence, broken.fault), (sequence, fault), "{sql}");
    assert!(!audit.whole);
    audit
}

async fn changed_document_is_reported(database: TestDatabase) {
    let audit = expect(
        &database,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 4",
            database.replaced("0.1", "0.2")
        ),
        4,
        Fault::DocumentHash,
    )
    .await;
    let text = serde_json::to_value(&audit).unwrap();
    assert_eq!(text["broken"]["sequence"], 4);
    assert_eq!(text["broken"]["fault"], "document_hash");
}

async fn truncated_document_is_reported(database: TestDatabase) {
    expect(
        &database,
        "UPDATE contents SET document = substr(document, 1, 40) WHERE sequence = 4",
        4,
        Fault::Unreadable,
    )
    .await;
}

async fn changed_hash_column_is_reported(database: TestDatabase) {
    let zeros = "0".repeat(64);
    expect(
        &database,
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::RecordHash,
    )
    .await;
    expect(
        &database,
        &format!("UPDATE entries SET previous_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::PreviousHash,
    )
    .await;
    for sequence in [3, 5] {
        expect(
            &database,
            &format!("UPDATE entries SET document_sha256 = '{zeros}' WHERE sequence = {sequence}"),
            sequence,
            Fault::RecordHash,
        )
        .await;
    }
    expect(
        &database,
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 3"),
        3,
        Fault::RecordHash,
    )
    .await;
}

async fn deleted_entry_is_reported(database: TestDatabase) {
    for sequence in [1, 3, 4, 7] {
        let delete = |table: &str| format!("DELETE FROM {table} WHERE sequence = {sequence};");
        expect(
            &database,
            &format!("{}{}", delete("contents"), delete("entries")),
            // Without the erasure its tombstones are wrong, and they come first.
            if sequence == 7 { 2 } else { sequence },
            match sequence {
                7 => Fault::Missing,
                sequence => Fault::Absent {
                    found: sequence.cast_signed() + 1,
                },
            },
        )
        .await;
    }
}

async fn entry_before_the_first_is_reported(database: TestDatabase) {
    expect(
        &database,
        &format!(
            "{}; INSERT INTO entries (sequence, kind, previous_sha256, document_sha256, record_sha256, id, \
             created_at, customer_bucket) SELECT 0, kind, previous_sha256, document_sha256, record_sha256, NULL, NULL, NULL \
             FROM entries WHERE sequence = 1",
            match database {
                TestDatabase::Sqlite(_) => "PRAGMA ignore_check_constraints = ON",
                TestDatabase::Postgres(_) =>
                    "ALTER TABLE entries DROP CONSTRAINT entries_sequence_check",
            }
        ),
        1,
        Fault::Absent { found: 0 },
    )
    .await;
}

async fn deleted_document_is_reported(database: TestDatabase) {
    expect(
        &database,
        "DELETE FROM contents WHERE sequence = 5",
        5,
        Fault::Missing,
    )
    .await;
    // As after an erasure, but no erasure lists it.
    expect(
        &database,
        "DELETE FROM contents WHERE sequence = 5; \
         UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL WHERE sequence = 5",
        5,
        Fault::Missing,
    )
    .await;
    expect(
        &database,
        "DELETE FROM contents WHERE sequence = 9",
        8,
        Fault::Missing,
    )
    .await;
}

async fn swapped_entries_are_reported(database: TestDatabase) {
    expect(
        &database,
        "UPDATE entries SET sequence = 99 WHERE sequence = 4; \
         UPDATE entries SET sequence = 4 WHERE sequence = 5; \
         UPDATE entries SET sequence = 5 WHERE sequence = 99; \
         UPDATE contents SET sequence = 99 WHERE sequence = 4; \
         UPDATE contents SET sequence = 4 WHERE sequence = 5; \
         UPDATE contents SET sequence = 5 WHERE sequence = 99",
        4,
        Fault::PreviousHash,
    )
    .await;
}

async fn edited_erasure_is_reported(database: TestDatabase) {
    expect(
        &database,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 7",
            database.replaced("\"sequence\":2", "\"sequence\":4")
        ),
        2,
        Fault::Missing,
    )
    .await;
    expect(
        &database,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 7",
            database.replaced("customer", "retention")
        ),
        7,
        Fault::DocumentHash,
    )
    .await;
}

async fn content_of_an_erased_entry_is_reported(database: TestDatabase) {
    // Content is inserted again after it was erased.
    expect(&database, &database.copied(10, 8), 8, Fault::DocumentHash).await;
    expect(
        &database,
        "UPDATE entries SET created_at = 1 WHERE sequence = 8",
        8,
        Fault::Remains,
    )
    .await;
}

async fn changed_column_is_reported(database: TestDatabase) {
    for (sql, name) in [
        (
            "UPDATE entries SET kind = 'erasure' WHERE sequence = 4",
            "kind",
        ),
        ("UPDATE entries SET id = 'x' WHERE sequence = 4", "id"),
        (
            "UPDATE entries SET created_at = created_at + 1 WHERE sequence = 4",
            "created_at",
        ),
        (
            "UPDATE contents SET customer_id = 'x' WHERE sequence = 4",
            "customer_id",
        ),
        (
            "UPDATE entries SET customer_bucket = 1 WHERE sequence = 4",
            "customer_bucket",
        ),
    ] {
        expect(&database, sql, 4, Fault::Column { name }).await;
    }
}

#[tokio::test]
async fn unreadable_column_is_reported_and_the_audit_goes_on() {
    let database = TestDatabase::sqlite();
    for (table, column) in [
        ("entries", "record_sha256"),
        ("entries", "document_sha256"),
        ("entries", "id"),
        ("contents", "customer_id"),
    ] {
        let sql = format!("UPDATE {table} SET {column} = CAST(x'ff' AS TEXT) WHERE sequence = 5");
        let audit = expect(&database, &sql, 5, Fault::Unreadable).await;
        assert_eq!((audit.entries, audit.erased), (10, 3), "{sql}");
    }
}

async fn document_without_an_entry_is_reported(database: TestDatabase) {
    expect(
        &database,
        "DELETE FROM entries WHERE sequence = 10",
        10,
        Fault::NoEntry,
    )
    .await;
    expect(&database, &database.copied(10, 12), 12, Fault::NoEntry).await;
}

on_each_database! {
    changed_document_is_reported,
    truncated_document_is_reported,
    changed_hash_column_is_reported,
    deleted_entry_is_reported,
    entry_before_the_first_is_reported,
    deleted_document_is_reported,
    swapped_entries_are_reported,
    edited_erasure_is_reported,
    content_of_an_erased_entry_is_reported,
    changed_column_is_reported,
    document_without_an_entry_is_reported,
}
