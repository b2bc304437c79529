//! What an audit says of a database that somebody changed.

use microseg::store::{Audit, Fault};

use crate::records::{Place, draft};

/// A chain: six explanations, an erasure (entry 7) of 2 and 3, an explanation, an erasure (9) of 8, an explanation.
pub(crate) async fn chain() -> Place {
    let place = Place::new();
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
    place
}

/// The audit after SQL from outside names this entry and this fault.
async fn expect(sql: &str, sequence: u64, fault: Fault) -> Audit {
    let place = chain().await;
    place.execute(sql).await;
    let audit = place.audit().await;
    let broken = audit.broken.clone();
    let broken = broken.unwrap_or_else(|| panic!("whole after: {sql}"));
    assert_eq!((broken.sequence, broken.fault), (sequence, fault), "{sql}");
    assert!(!audit.whole);
    audit
}

#[tokio::test]
async fn a_changed_byte_is_named() {
    let audit = expect(
        "UPDATE contents SET document = CAST(replace(document, '0.1', '0.2') AS BLOB) WHERE sequence = 4",
        4,
        Fault::DocumentHash,
    )
    .await;
    let text = serde_json::to_value(&audit).unwrap();
    assert_eq!(text["broken"]["sequence"], 4);
    assert_eq!(text["broken"]["fault"], "document_hash");
}

#[tokio::test]
async fn a_document_that_is_cut_is_named() {
    expect(
        "UPDATE contents SET document = substr(document, 1, 40) WHERE sequence = 4",
        4,
        Fault::Unreadable,
    )
    .await;
}

#[tokio::test]
async fn a_hash_that_is_changed_in_its_column_is_named() {
    let zeros = "0".repeat(64);
    expect(
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::RecordHash,
    )
    .await;
    expect(
        &format!("UPDATE entries SET previous_sha256 = '{zeros}' WHERE sequence = 5"),
        5,
        Fault::PreviousHash,
    )
    .await;
    for sequence in [3, 5] {
        expect(
            &format!("UPDATE entries SET document_sha256 = '{zeros}' WHERE sequence = {sequence}"),
            sequence,
            Fault::RecordHash,
        )
        .await;
    }
    expect(
        &format!("UPDATE entries SET record_sha256 = '{zeros}' WHERE sequence = 3"),
        3,
        Fault::RecordHash,
    )
    .await;
}

#[tokio::test]
async fn a_deleted_row_is_named() {
    for sequence in [1, 3, 4, 7] {
        let delete = |table: &str| format!("DELETE FROM {table} WHERE sequence = {sequence};");
        expect(
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

#[tokio::test]
async fn a_row_before_the_first_is_named() {
    expect(
        "PRAGMA ignore_check_constraints = ON; \
         INSERT INTO entries SELECT 0, kind, previous_sha256, document_sha256, record_sha256, NULL, NULL, NULL \
         FROM entries WHERE sequence = 1",
        1,
        Fault::Absent { found: 0 },
    )
    .await;
}

#[tokio::test]
async fn a_document_that_is_taken_away_is_named() {
    expect("DELETE FROM contents WHERE sequence = 5", 5, Fault::Missing).await;
    // As an erasure would leave it, but no erasure says so.
    expect(
        "DELETE FROM contents WHERE sequence = 5; \
         UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL WHERE sequence = 5",
        5,
        Fault::Missing,
    )
    .await;
    expect("DELETE FROM contents WHERE sequence = 9", 8, Fault::Missing).await;
}

#[tokio::test]
async fn two_rows_that_change_places_are_named() {
    expect(
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

#[tokio::test]
async fn an_edited_erasure_is_named() {
    expect(
        "UPDATE contents SET document = CAST(replace(document, '\"sequence\":2', '\"sequence\":4') AS BLOB) \
         WHERE sequence = 7",
        2,
        Fault::Missing,
    )
    .await;
    expect(
        "UPDATE contents SET document = CAST(replace(document, 'customer', 'retention') AS BLOB) WHERE sequence = 7",
        7,
        Fault::DocumentHash,
    )
    .await;
}

#[tokio::test]
async fn an_erasure_of_what_is_still_there_is_named() {
    // Somebody puts content back where it was erased.
    expect(
        "INSERT INTO contents SELECT 8, guard, customer_id, document, input_form, input \
         FROM contents WHERE sequence = 10",
        8,
        Fault::DocumentHash,
    )
    .await;
    expect(
        "UPDATE entries SET created_at = 1 WHERE sequence = 8",
        8,
        Fault::Remains,
    )
    .await;
}

#[tokio::test]
async fn a_column_that_says_something_else_is_named() {
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
        expect(sql, 4, Fault::Column { name }).await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_audit_goes_on() {
    for (table, column) in [
        ("entries", "record_sha256"),
        ("entries", "document_sha256"),
        ("entries", "id"),
        ("contents", "customer_id"),
    ] {
        let sql = format!("UPDATE {table} SET {column} = CAST(x'ff' AS TEXT) WHERE sequence = 5");
        let audit = expect(&sql, 5, Fault::Unreadable).await;
        assert_eq!((audit.entries, audit.erased), (10, 3), "{sql}");
    }
}

#[tokio::test]
async fn a_document_without_an_entry_is_named() {
    expect(
        "DELETE FROM entries WHERE sequence = 10",
        10,
        Fault::NoEntry,
    )
    .await;
    expect(
        "INSERT INTO contents SELECT 12, guard, customer_id, document, input_form, input \
         FROM contents WHERE sequence = 10",
        12,
        Fault::NoEntry,
    )
    .await;
}
