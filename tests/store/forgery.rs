//! Audits of databases whose records were changed together with their hashes.

use jiff::Timestamp;
use microseg::store::{Anchor, Broken, Fault};
use sha2::{Digest, Sha256};

use crate::support::{TestDatabase, chain, member, new_record, on_each_database};

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// One column of the chain.
async fn column(database: &TestDatabase, name: &str) -> Vec<String> {
    let sql = format!("SELECT {name} FROM entries ORDER BY sequence");
    database.values(&sql).await
}

/// Puts another document into an entry, correctly sealed; returns the entry's new hash.
async fn forge(database: &TestDatabase, sequence: usize, previous: &str) -> String {
    let text = String::from_utf8(new_record("forged").document).unwrap();
    let document = sha256(&text);
    let record = sha256(&format!("{previous}\n{document}\n"));
    let open = text.strip_suffix('}').unwrap();
    let sealed = format!(
        r#"{open},"previous_sha256":"{previous}","document_sha256":"{document}","record_sha256":"{record}"}}"#
    );
    let (id, created_at) = (
        member(text.as_bytes(), "id"),
        member(text.as_bytes(), "created_at"),
    );
    let milliseconds = created_at.parse::<Timestamp>().unwrap().as_millisecond();
    let customer = Sha256::digest("forged");
    let bucket = u16::from_be_bytes([customer[0], customer[1]]);
    database
        .execute(format!(
            "UPDATE entries SET previous_sha256 = '{previous}', document_sha256 = '{document}', \
             record_sha256 = '{record}', id = '{id}', created_at = {milliseconds}, \
             customer_bucket = {bucket} WHERE sequence = {sequence}; \
             UPDATE contents SET document = {}, customer_id = 'forged' WHERE sequence = {sequence}",
            database.bytes(&sealed)
        ))
        .await;
    record
}

async fn expect(database: &TestDatabase, sequence: u64, fault: Fault) {
    let audit = database.audit().await;
    assert_eq!(audit.broken, Some(Broken { sequence, fault }), "{audit:?}");
}

async fn forged_record_breaks_the_chain_at_the_next(database: TestDatabase) {
    chain(&database).await;
    let previous = column(&database, "previous_sha256").await;
    forge(&database, 5, &previous[4]).await;
    expect(&database, 6, Fault::PreviousHash).await;
}

/// At the chain's end only an anchor shows the same forgery, so the test above finds it by the links.
async fn forged_last_record_is_found_by_an_anchor(database: TestDatabase) {
    chain(&database).await;
    let (previous, record) = (
        column(&database, "previous_sha256").await,
        column(&database, "record_sha256").await,
    );
    forge(&database, 10, &previous[9]).await;
    database.forget_anchor();
    assert!(database.audit().await.whole);
    let audit = microseg::store::audit(&database.url(), Some(&record[9]), |_, _| ()).await;
    assert_eq!(audit.unwrap().anchor, Anchor::Nowhere);
}

/// Entry 2 is a tombstone: everything before it is written again.
async fn forged_record_before_a_tombstone_breaks_the_chain_there(database: TestDatabase) {
    chain(&database).await;
    let forged = forge(&database, 1, &"0".repeat(64)).await;
    expect(&database, 2, Fault::PreviousHash).await;

    // The tombstone gets the new previous hash and keeps its own, so that all later links still hold.
    database
        .execute(format!(
            "UPDATE entries SET previous_sha256 = '{forged}' WHERE sequence = 2"
        ))
        .await;
    expect(&database, 2, Fault::RecordHash).await;

    // Both tombstones get new hashes: the erasure lists their old ones.
    let documents = column(&database, "document_sha256").await;
    let second = sha256(&format!("{forged}\n{}\n", documents[1]));
    let third = sha256(&format!("{second}\n{}\n", documents[2]));
    database
        .execute(format!(
            "UPDATE entries SET record_sha256 = '{second}' WHERE sequence = 2; \
             UPDATE entries SET previous_sha256 = '{second}', record_sha256 = '{third}' \
             WHERE sequence = 3"
        ))
        .await;
    expect(&database, 2, Fault::Missing).await;
}

on_each_database! {
    forged_record_breaks_the_chain_at_the_next,
    forged_last_record_is_found_by_an_anchor,
    forged_record_before_a_tombstone_breaks_the_chain_there,
}
