//! What an audit says of a database that somebody changed.

use microseg::store::{Audit, Fault};

use crate::records::{Place, draft, on_each_database};

/// A chain: six explanations, an erasure (entry 7) of 2 and 3, an explanation, an erasure (9) of 8, an explanation.
pub(crate) async fn chain(place: &Place) {
    let store = place.open().await;
    for customer_id in ["a", "gone", "gone", "b", "c", "d"] {
        store.append(draft(customer_id)).await.unwrap();
    }
    assert_eq!(store.erase_customer("gone").await.unwrap().explanations, 2);
    let late = draft("e");
    let id = late.id;
    store.append(late).await.unwrap();
    assert!(store.erase(id).await.unwrap());
    store.append(draft("f")).await.unwrap();
    store.close().await;
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.explanations), (10, 8));
    assert_eq!((audit.erased, audit.erasures), (3, 2));
}

/// The audit of another chain on the same kind of database, after SQL from outside, names this entry and this fault.
async fn expect(kind: &Place, sql: &str, sequence: u64, fault: Fault) -> Audit {
    let place = kind.another();
    chain(&place).await;
    place.execute(sql).await;
    let audit = place.audit().await;
    let broken = audit.broken.clone();
    let broken = broken.unwrap_or_else(|| panic!("whole after: {sql}"));
    assert_eq!((broken.sequence, broken.fault), (sequence, fault), "{sql}");
    assert!(!audit.whole);
    audit
}

async fn a_changed_byte_is_named(place: Place) {
    let audit = expect(
        &place,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 4",
            place.replaced("0.1", "0.2")
        ),
        4,
        Fault::DocumentHash,
    )
    .await;
    let text = serde_json::to_value(&audit).unwrap();
    assert_eq!(text["broken"]["sequence"], 4);
    assert_eq!(text["broken"]["fault"], "document_hash");
}

async fn a_document_that_is_cut_is_named(place: Place) {
    expect(
        &place,
        "UPDATE contents SET document = substr(document, 1, 40) WHERE sequence = 4",
        4,
        Fault::Unreadable,
    )
    .await;
}

async fn a_hash_that_is_changed_in_its_column_is_named(place: Place) {
    let zeros = "0".repeat(64);
    expect(
        &place,
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::RecordHash,
    )
    .await;
    expect(
        &place,
        &format!("UPDATE entries SET previous_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::PreviousHash,
    )
    .await;
    for sequence in [3, 5] {
        expect(
            &place,
            &format!("UPDATE entries SET document_sha256 = '{zeros}' WHERE sequence = {sequence}"),
            sequence,
            Fault::RecordHash,
        )
        .await;
    }
    expect(
        &place,
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 3"),
        3,
        Fault::RecordHash,
    )
    .await;
}

async fn a_deleted_row_is_named(place: Place) {
    for sequence in [1, 3, 4, 7] {
        let delete = |table: &str| format!("DELETE FROM {table} WHERE sequence = {sequence};");
        expect(
            &place,
            &format!("{}{}", delete("contents"), delete("entries")),
            // Without the erasure its tombstones are what is wrong, and they come first.
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

async fn a_row_before_the_first_is_named(place: Place) {
    expect(
        &place,
        &format!(
            "{}; INSERT INTO entries \
             SELECT 0, kind, previous_sha256, document_sha256, record_sha256, NULL, NULL, NULL \
             FROM entries WHERE sequence = 1",
            match place {
                Place::Sqlite(_) => "PRAGMA ignore_check_constraints = ON",
                Place::Postgres(_) => "ALTER TABLE entries DROP CONSTRAINT entries_sequence_check",
            }
        ),
        1,
        Fault::Absent { found: 0 },
    )
    .await;
}

async fn a_document_that_is_taken_away_is_named(place: Place) {
    expect(
        &place,
        "DELETE FROM contents WHERE sequence = 5",
        5,
        Fault::Missing,
    )
    .await;
    // As an erasure would leave it, but no erasure says so.
    expect(
        &place,
        "DELETE FROM contents WHERE sequence = 5; \
         UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL WHERE sequence = 5",
        5,
        Fault::Missing,
    )
    .await;
    expect(
        &place,
        "DELETE FROM contents WHERE sequence = 9",
        8,
        Fault::Missing,
    )
    .await;
}

async fn two_rows_that_change_places_are_named(place: Place) {
    expect(
        &place,
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

async fn an_edited_erasure_is_named(place: Place) {
    expect(
        &place,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 7",
            place.replaced("\"sequence\":2", "\"sequence\":4")
        ),
        2,
        Fault::Missing,
    )
    .await;
    expect(
        &place,
        &format!(
            "UPDATE contents SET document = {} WHERE sequence = 7",
            place.replaced("customer", "retention")
        ),
        7,
        Fault::DocumentHash,
    )
    .await;
}

async fn an_erasure_of_what_is_still_there_is_named(place: Place) {
    // Somebody puts content back where it was erased.
    expect(&place, &place.copied(10, 8), 8, Fault::DocumentHash).await;
    expect(
        &place,
        "UPDATE entries SET created_at = 1 WHERE sequence = 8",
        8,
        Fault::Remains,
    )
    .await;
}

async fn a_column_that_says_something_else_is_named(place: Place) {
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
        expect(&place, sql, 4, Fault::Column { name }).await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_audit_goes_on() {
    let place = Place::sqlite();
    for (table, column) in [
        ("entries", "record_sha256"),
        ("entries", "document_sha256"),
        ("entries", "id"),
        ("contents", "customer_id"),
    ] {
        let sql = format!("UPDATE {table} SET {column} = CAST(x'ff' AS TEXT) WHERE sequence = 5");
        let audit = expect(&place, &sql, 5, Fault::Unreadable).await;
        assert_eq!((audit.entries, audit.erased), (10, 3), "{sql}");
    }
}

async fn a_document_without_an_entry_is_named(place: Place) {
    expect(
        &place,
        "DELETE FROM entries WHERE sequence = 10",
        10,
        Fault::NoEntry,
    )
    .await;
    expect(&place, &place.copied(10, 12), 12, Fault::NoEntry).await;
}

on_each_database! {
    a_changed_byte_is_named,
    a_document_that_is_cut_is_named,
    a_hash_that_is_changed_in_its_column_is_named,
    a_deleted_row_is_named,
    a_row_before_the_first_is_named,
    a_document_that_is_taken_away_is_named,
    two_rows_that_change_places_are_named,
    an_edited_erasure_is_named,
    an_erasure_of_what_is_still_there_is_named,
    a_column_that_says_something_else_is_named,
    a_document_without_an_entry_is_named,
}
