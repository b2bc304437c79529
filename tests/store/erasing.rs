//! Erasing: what goes, what stays, and that nothing is left in the files.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use microseg::store::{Admission, Draft, Erased, NewJob};
use serde_json::Value;
use uuid::Uuid;

use crate::records::{Place, await_gone, draft, draft_at, member, on_each_database};

const NAME: &str = "Žofie-7f3a9c51";

#[tokio::test]
async fn a_customer_leaves_no_bytes_behind() {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        let name = if number % 3 == 0 {
            NAME
        } else {
            "somebody else"
        };
        // Some are large enough for many pages.
        let draft = padded(draft(name), number * 700);
        ids.push(draft.id);
        store.append(draft).await.unwrap();
    }
    let job = NewJob {
        id: Uuid::now_v7(),
        customer_id: Some(microseg::history::Identifier::parse(NAME).unwrap()),
        request: format!("a request of {NAME}").into_bytes(),
        admitted: Admission::default(),
    };
    store.enqueue(job.clone(), 1).await.unwrap();
    assert!(place.holds(NAME.as_bytes()));

    let erased = store.erase_customer(NAME).await.unwrap();
    let (explanations, jobs) = (14, 1);
    assert_eq!(erased, Erased { explanations, jobs });
    assert!(!place.holds(NAME.as_bytes()));
    assert!(place.holds(b"somebody else"));
    assert_eq!(store.document(ids[0]).await.unwrap(), None);
    assert_eq!(store.record(ids[0]).await.unwrap(), None);
    assert_eq!(store.job(job.id).await.unwrap(), None);
    assert!(
        store
            .list(NAME, None, 10)
            .await
            .unwrap()
            .documents
            .is_empty()
    );
    assert!(store.document(ids[1]).await.unwrap().is_some());
    assert_eq!(store.erase_customer(NAME).await.unwrap(), Erased::default());

    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.erased, audit.erasures), (41, 14, 1));
}

/// Trees of SQLite copy rows that lie on their own pages from page to page; the copies would outlive an erasure.
#[tokio::test]
async fn customers_who_come_and_go_leave_no_bytes_behind() {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut numbers = (0_u64..).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20);
    let mut number = || numbers.next().unwrap();
    let (mut here, mut gone) = (Vec::new(), BTreeSet::new());
    for _ in 0..12 {
        let arriving: Vec<String> = (0..50)
            .map(|_| format!("customer-{:011x}", number()))
            .collect();
        for name in &arriving {
            let size = usize::try_from(number() % 600).unwrap();
            // Among so many some share the bits by which erasures are noted.
            let admitted = store.admit().await.unwrap();
            let draft = Draft {
                admitted,
                ..draft(name)
            };
            store.append(padded(draft, size)).await.unwrap();
        }
        here.extend(arriving);
        for _ in 0..45 {
            let index = usize::try_from(number()).unwrap() % here.len();
            let name = here.swap_remove(index);
            store.erase_customer(&name).await.unwrap();
            gone.insert(name.into_bytes());
        }
        // The journal is empty after an erasure.
        let file = std::fs::read(place.folder().join("records.db")).unwrap();
        let left = file
            .windows(20)
            .filter(|window| window.starts_with(b"customer-") && gone.contains(*window));
        assert_eq!(left.count(), 0, "copies of {} customers", gone.len());
    }
    assert!(place.audit().await.whole);
}

/// A draft whose document is so many bytes longer.
fn padded(mut draft: Draft, size: usize) -> Draft {
    let padding = "x".repeat(size);
    let text = String::from_utf8(draft.document).unwrap();
    let text = text.replacen('{', &format!(r#"{{"padding":"{padding}","#), 1);
    draft.document = text.into_bytes();
    draft
}

async fn one_explanation_is_erased_and_the_chain_says_so(place: Place) {
    let store = place.open().await;
    let (one, other) = (draft("c"), draft("c"));
    let (id, other_id) = (one.id, other.id);
    let record = store.append(one).await.unwrap();
    store.append(other).await.unwrap();
    assert!(store.erase(id).await.unwrap());
    assert!(!store.erase(id).await.unwrap());
    assert!(!store.erase(Uuid::now_v7()).await.unwrap());
    assert!(store.document(other_id).await.unwrap().is_some());

    let documents: Vec<Vec<u8>> = place
        .values("SELECT document FROM contents WHERE sequence = 3")
        .await;
    let document = &documents[0];
    let erasure: Value = serde_json::from_slice(document).unwrap();
    assert_eq!(
        (&erasure["kind"], &erasure["reason"]),
        (&"erasure".into(), &"explanation".into())
    );
    assert_eq!(
        erasure["erased"],
        serde_json::json!([{"sequence": 1, "record_sha256": member(&record, "record_sha256")}])
    );
    // An erasure is nobody's explanation.
    let erasure_id = member(document, "id").parse().unwrap();
    assert_eq!(store.document(erasure_id).await.unwrap(), None);
    assert!(!store.erase(erasure_id).await.unwrap());
    assert!(place.audit().await.whole);
}

async fn what_is_too_old_is_erased_in_slices(place: Place) {
    let store = place.open().await;
    let now = Timestamp::now();
    let moment = now - SignedDuration::from_hours(24);
    let ages = (0..1_300).map(|number| {
        let age = SignedDuration::from_hours(if number % 13 == 0 { 1 } else { 25 });
        draft_at("c", now - age)
    });
    let drafts: Vec<_> = ages.collect();
    let young = drafts[0].id;
    for some in drafts.chunks(650) {
        let appends = some.iter().map(|draft| store.append(draft.clone()));
        try_join_all(appends).await.unwrap();
    }
    let job = NewJob {
        id: Uuid::now_v7(),
        customer_id: None,
        request: vec![1],
        admitted: Admission::default(),
    };
    store.enqueue(job.clone(), 1).await.unwrap();

    assert_eq!(store.erase_older_than(moment).await.unwrap(), 1_200);
    assert_eq!(store.erase_older_than(moment).await.unwrap(), 0);
    assert!(store.document(young).await.unwrap().is_some());
    assert!(store.job(job.id).await.unwrap().is_some());
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(
        (audit.entries, audit.erased, audit.erasures),
        (1_303, 1_200, 3)
    );

    let later = now + SignedDuration::from_hours(1);
    assert_eq!(store.erase_older_than(later).await.unwrap(), 100);
    assert_eq!(store.job(job.id).await.unwrap(), None);
}

async fn a_customer_of_many_explanations_takes_several_erasures(place: Place) {
    let store = place.open().await;
    let appends = (0..501).map(|_| store.append(draft("c")));
    try_join_all(appends).await.unwrap();
    assert_eq!(store.erase_customer("c").await.unwrap().explanations, 501);
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.erased, audit.erasures), (501, 2));
}

/// PostgreSQL gives the space of dead rows back when nobody can see them any more.
#[tokio::test]
async fn nothing_of_the_erased_is_left_in_the_tables_of_postgres() {
    let place = Place::postgres();
    let store = place.open().await;
    for number in 0..40 {
        let draft = padded(draft("c"), number * 700);
        store.append(draft).await.unwrap();
    }
    store.append(draft("d")).await.unwrap();
    // Somebody who still reads what was there.
    let Place::Postgres(url) = &place else {
        unreachable!()
    };
    let mut reader = crate::cluster::connect(url).await;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM contents";
    sqlx::raw_sql(begin).execute(&mut reader).await.unwrap();
    assert_eq!(store.erase_customer("c").await.unwrap().explanations, 40);
    let dead = "SELECT pg_stat_get_dead_tuples('contents'::regclass)";
    let dead = async || place.values::<i64>(dead).await[0];
    assert!(dead().await >= 40, "the reader still sees them");
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    let gone = async { while dead().await > 0 {} };
    let patience = std::time::Duration::from_mins(1);
    tokio::time::timeout(patience, gone).await.unwrap();
    assert!(place.audit().await.whole);
}

#[tokio::test]
async fn a_reader_holds_nothing_up_and_the_bytes_go_when_it_ends() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.append(draft(NAME)).await.unwrap();
    let mut reader = place.connect().await;
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM entries")
        .execute(&mut reader)
        .await
        .unwrap();

    assert_eq!(store.erase_customer(NAME).await.unwrap().explanations, 1);
    assert!(place.holds(NAME.as_bytes()), "the reader still sees it");
    store.append(draft("c")).await.unwrap();
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    await_gone(&place, NAME.as_bytes()).await;
}

#[tokio::test]
async fn what_was_erased_before_a_crash_leaves_the_files_at_the_next_start() {
    let (place, crashed) = (Place::sqlite(), Place::sqlite());
    let store = place.open().await;
    store.append(draft(NAME)).await.unwrap();
    let mut reader = place.connect().await;
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM entries")
        .execute(&mut reader)
        .await
        .unwrap();
    store.erase_customer(NAME).await.unwrap();
    // The files as a crash would leave them: erased, and still in the journal.
    for name in ["records.db", "records.db-wal"] {
        std::fs::copy(place.folder().join(name), crashed.folder().join(name)).unwrap();
    }
    assert!(crashed.holds(NAME.as_bytes()));
    let _store = crashed.open().await;
    await_gone(&crashed, NAME.as_bytes()).await;
    assert_eq!(crashed.audit().await.erased, 1);
}

on_each_database! {
    one_explanation_is_erased_and_the_chain_says_so,
    what_is_too_old_is_erased_in_slices,
    a_customer_of_many_explanations_takes_several_erasures,
}
