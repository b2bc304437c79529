//! What an audit says of somebody who changes records and makes the hashes anew.

use jiff::Timestamp;
use microseg::store::{Anchor, Broken, Fault};
use sha2::{Digest, Sha256};

use crate::records::{Place, draft, member, on_each_database};
use crate::tampering::chain;

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// One column of the chain.
async fn column(place: &Place, name: &str) -> Vec<String> {
    let sql = format!("SELECT {name} FROM entries ORDER BY sequence");
    place.values(&sql).await
}

/// Puts another document into an entry, sealed as it should be; gives back the entry's new hash.
async fn forge(place: &Place, sequence: usize, previous: &str) -> String {
    let text = String::from_utf8(draft("forged").document).unwrap();
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
    place
        .execute(format!(
            "UPDATE entries SET previous_sha256 = '{previous}', document_sha256 = '{document}', \
             record_sha256 = '{record}', id = '{id}', created_at = {milliseconds}, \
             customer_bucket = {bucket} WHERE sequence = {sequence}; \
             UPDATE contents SET document = {}, customer_id = 'forged' WHERE sequence = {sequence}",
            place.bytes(&sealed)
        ))
        .await;
    record
}

async fn expect(place: &Place, sequence: u64, fault: Fault) {
    let audit = place.audit().await;
    assert_eq!(audit.broken, Some(Broken { sequence, fault }), "{audit:?}");
}

async fn a_record_that_is_forged_with_its_hash_is_named_by_the_next(place: Place) {
    chain(&place).await;
    let previous = column(&place, "previous_sha256").await;
    forge(&place, 5, &previous[4]).await;
    expect(&place, 6, Fault::PreviousHash).await;
}

/// The same forgery at the chain's end can only be told by an anchor: so whatever is found above is found in the links.
async fn the_last_record_can_be_forged_and_an_anchor_tells(place: Place) {
    chain(&place).await;
    let (previous, record) = (
        column(&place, "previous_sha256").await,
        column(&place, "record_sha256").await,
    );
    forge(&place, 10, &previous[9]).await;
    assert!(place.audit().await.whole);
    let audit = microseg::store::audit(&place.url(), Some(&record[9]), |_, _| ()).await;
    assert_eq!(audit.unwrap().anchor, Anchor::Nowhere);
}

/// Entry 2 is a tombstone: everything before it is written anew.
async fn what_is_forged_before_a_tombstone_is_named_by_it(place: Place) {
    chain(&place).await;
    let forged = forge(&place, 1, &"0".repeat(64)).await;
    expect(&place, 2, Fault::PreviousHash).await;

    // The tombstone takes the new hash before it and keeps its own, so that all that follows still holds.
    place
        .execute(format!(
            "UPDATE entries SET previous_sha256 = '{forged}' WHERE sequence = 2"
        ))
        .await;
    expect(&place, 2, Fault::RecordHash).await;

    // Both tombstones are linked anew: the erasure knows them by the hashes that they had.
    let documents = column(&place, "document_sha256").await;
    let second = sha256(&format!("{forged}\n{}\n", documents[1]));
    let third = sha256(&format!("{second}\n{}\n", documents[2]));
    place
        .execute(format!(
            "UPDATE entries SET record_sha256 = '{second}' WHERE sequence = 2; \
             UPDATE entries SET previous_sha256 = '{second}', record_sha256 = '{third}' \
             WHERE sequence = 3"
        ))
        .await;
    expect(&place, 2, Fault::Missing).await;
}

on_each_database! {
    a_record_that_is_forged_with_its_hash_is_named_by_the_next,
    the_last_record_can_be_forged_and_an_anchor_tells,
    what_is_forged_before_a_tombstone_is_named_by_it,
}
