//! Tests of erasures: what is deleted, what remains, and that no bytes are left in the files.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use microseg::store::{
    Erased, NewJob, NewRecord, Retained, RetentionDoubt, RetentionPolicy, Store,
};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{
    TestDatabase, await_scrubbed, member, new_job, new_record, new_record_at, on_each_database,
};

const NAME: &str = "Žofie-7f3a9c51";

#[tokio::test]
async fn erased_customer_leaves_no_bytes_in_the_files() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        let name = if number % 3 == 0 { NAME } else { "other" };
        // Some need many pages.
        let record = padded(new_record(name), number * 700);
        ids.push(record.id);
        store.append(record).await.unwrap();
    }
    let job = NewJob {
        customer_id: Some(microseg::history::Identifier::parse(NAME).unwrap()),
        request: format!("a request of {NAME}").into_bytes(),
        ..new_job()
    };
    store.enqueue(job.clone(), 1).await.unwrap();
    assert!(database.holds(NAME.as_bytes()));

    let erased = store.erase_customer(NAME).await.unwrap();
    let (explanations, jobs) = (14, 1);
    assert_eq!(
        erased,
        Erased {
            explanations,
            jobs,
            transactions: 0
        }
    );
    assert!(!database.holds(NAME.as_bytes()));
    assert!(database.holds(b"other"));
    assert_eq!(store.document(ids[0]).await.unwrap(), None);
    assert_eq!(store.record(ids[0]).await.unwrap(), None);
    assert_eq!(store.job(job.id).await.unwrap(), None);
    assert!(store.list(NAME, None, 10).await.unwrap().records.is_empty());
    assert!(store.document(ids[1]).await.unwrap().is_some());
    assert_eq!(store.erase_customer(NAME).await.unwrap(), Erased::default());

    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.erased, audit.erasures), (41, 14, 1));
}

/// SQLite copies rows that share a tree's pages from page to page; the copies would remain after an erasure.
#[tokio::test]
async fn many_erasures_leave_no_bytes_in_the_file() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let mut numbers = (0_u64..).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20);
    let mut number = || numbers.next().unwrap();
    let (mut here, mut gone) = (Vec::new(), BTreeSet::new());
    for _ in 0..12 {
        let arriving: Vec<String> = (0..50)
            .map(|_| format!("customer-{:011x}", number()))
            .collect();
        for name in &arriving {
            let size = usize::try_from(number() % 600).unwrap();
            // Some of so many customers share a bucket.
            let admitted = store.admit().await.unwrap();
            let record = NewRecord {
                admitted,
                ..new_record(name)
            };
            store.append(padded(record, size)).await.unwrap();
        }
        here.extend(arriving);
        for _ in 0..45 {
            let index = usize::try_from(number()).unwrap() % here.len();
            let name = here.swap_remove(index);
            store.erase_customer(&name).await.unwrap();
            gone.insert(name.into_bytes());
        }
        // The journal is empty after an erasure.
        let file = std::fs::read(database.folder().join("records.db")).unwrap();
        let left = file
            .windows(20)
            .filter(|window| window.starts_with(b"customer-") && gone.contains(*window));
        assert_eq!(left.count(), 0, "copies of {} customers", gone.len());
    }
    assert!(database.audit().await.whole);
}

/// A record whose document is so many bytes longer.
fn padded(mut record: NewRecord, size: usize) -> NewRecord {
    let padding = "x".repeat(size);
    let text = String::from_utf8(record.document).unwrap();
    let text = text.replacen('{', &format!(r#"{{"padding":"{padding}","#), 1);
    record.document = text.into_bytes();
    record
}

async fn erased_explanation_is_listed_in_the_chain(database: TestDatabase) {
    let store = database.open().await;
    let (one, other) = (new_record("c"), new_record("c"));
    let (id, other_id) = (one.id, other.id);
    let record = store.append(one).await.unwrap();
    store.append(other).await.unwrap();
    assert!(store.erase(id).await.unwrap());
    assert!(!store.erase(id).await.unwrap());
    assert!(!store.erase(Uuid::now_v7()).await.unwrap());
    assert!(store.document(other_id).await.unwrap().is_some());

    let documents: Vec<Vec<u8>> = database
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
    // An erasure is no explanation.
    let erasure_id = member(document, "id").parse().unwrap();
    assert_eq!(store.document(erasure_id).await.unwrap(), None);
    assert!(!store.erase(erasure_id).await.unwrap());
    assert!(database.audit().await.whole);
}

async fn old_explanations_are_erased_in_slices(database: TestDatabase) {
    let store = database.open().await;
    let now = Timestamp::now();
    let moment = now - SignedDuration::from_hours(24);
    let ages = (0..1_300).map(|number| {
        let age = SignedDuration::from_hours(if number % 13 == 0 { 1 } else { 25 });
        new_record_at("c", now - age)
    });
    let new_records: Vec<_> = ages.collect();
    let young = new_records[0].id;
    for some in new_records.chunks(650) {
        let appends = some.iter().map(|record| store.append(record.clone()));
        try_join_all(appends).await.unwrap();
    }
    let job = new_job();
    store.enqueue(job.clone(), 1).await.unwrap();

    assert_eq!(store.erase_older_than(moment).await.unwrap(), 1_200);
    assert_eq!(store.erase_older_than(moment).await.unwrap(), 0);
    assert!(store.document(young).await.unwrap().is_some());
    assert!(store.job(job.id).await.unwrap().is_some());
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(
        (audit.entries, audit.erased, audit.erasures),
        (1_303, 1_200, 3)
    );

    let later = now + SignedDuration::from_hours(1);
    assert_eq!(store.erase_older_than(later).await.unwrap(), 100);
    assert_eq!(store.job(job.id).await.unwrap(), None);
}

async fn customer_with_501_explanations_needs_two_erasures(database: TestDatabase) {
    let store = database.open().await;
    let appends = (0..501).map(|_| store.append(new_record("c")));
    try_join_all(appends).await.unwrap();
    assert_eq!(store.erase_customer("c").await.unwrap().explanations, 501);
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.erased, audit.erasures), (501, 2));
}

/// PostgreSQL removes dead rows when no transaction can see them any more.
#[tokio::test]
async fn erased_rows_are_vacuumed_after_the_last_reader() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    for number in 0..40 {
        let record = padded(new_record("c"), number * 700);
        store.append(record).await.unwrap();
    }
    store.append(new_record("d")).await.unwrap();
    // A reader whose transaction still sees the rows.
    let TestDatabase::Postgres(url) = &database else {
        unreachable!()
    };
    let mut reader = crate::cluster::connect(url).await;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM contents";
    sqlx::raw_sql(begin).execute(&mut reader).await.unwrap();
    assert_eq!(store.erase_customer("c").await.unwrap().explanations, 40);
    let dead = "SELECT pg_stat_get_dead_tuples('contents'::regclass)";
    let dead = async || database.values::<i64>(dead).await[0];
    assert!(dead().await >= 40, "the reader still sees them");
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    let gone = async { while dead().await > 0 {} };
    let limit = std::time::Duration::from_mins(1);
    tokio::time::timeout(limit, gone).await.unwrap();
    assert!(database.audit().await.whole);
}

#[tokio::test]
async fn reader_delays_the_removal_of_bytes_and_no_write() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    store.append(new_record(NAME)).await.unwrap();
    let mut reader = database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM entries")
        .execute(&mut reader)
        .await
        .unwrap();

    assert_eq!(store.erase_customer(NAME).await.unwrap().explanations, 1);
    assert!(database.holds(NAME.as_bytes()), "the reader still sees it");
    store.append(new_record("c")).await.unwrap();
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    await_scrubbed(&database, NAME.as_bytes()).await;
}

#[tokio::test]
async fn bytes_erased_before_a_crash_are_removed_at_the_next_start() {
    let (database, crashed) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    let store = database.open().await;
    store.append(new_record(NAME)).await.unwrap();
    let mut reader = database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM entries")
        .execute(&mut reader)
        .await
        .unwrap();
    store.erase_customer(NAME).await.unwrap();
    // The files as a crash leaves them: erased, and still in the journal.
    for name in ["records.db", "records.db-wal"] {
        std::fs::copy(database.folder().join(name), crashed.folder().join(name)).unwrap();
    }
    assert!(crashed.holds(NAME.as_bytes()));
    let _store = crashed.open().await;
    await_scrubbed(&crashed, NAME.as_bytes()).await;
    assert_eq!(crashed.audit().await.erased, 1);
}

/// A policy at a moment that is so many hours from now, with a retention of thirty days.
fn policy(hours: i64) -> RetentionPolicy {
    let now = Timestamp::now() + SignedDuration::from_hours(hours);
    RetentionPolicy {
        before: now - SignedDuration::from_hours(30 * 24),
        now,
        moved: SignedDuration::ZERO,
        most_percent: 50,
    }
}

/// A store with ten explanations, of which some are 31 days old.
async fn with_old_records(database: &TestDatabase, old: usize) -> Store {
    let store = database.open().await;
    let now = Timestamp::now();
    for number in 0..10 {
        let age = SignedDuration::from_hours(if number < old { 31 * 24 } else { 1 });
        store.append(new_record_at("c", now - age)).await.unwrap();
    }
    store
}

async fn retention_erases_what_is_expected(database: TestDatabase) {
    let store = with_old_records(&database, 5).await;
    assert_eq!(
        store.would_retain(&policy(0)).await.unwrap(),
        Retained::Erased(5)
    );
    assert_eq!(store.retain(&policy(0)).await.unwrap(), Retained::Erased(5));
    assert_eq!(store.retain(&policy(1)).await.unwrap(), Retained::Erased(0));
    assert_eq!(database.audit().await.erased, 5);
}

async fn retention_stops_before_a_large_share_until_it_is_confirmed(database: TestDatabase) {
    let store = with_old_records(&database, 6).await;
    let stopped = Retained::Stopped {
        expired: 6,
        all: 10,
        doubt: RetentionDoubt::TooMany { most_percent: 50 },
    };
    for _ in 0..2 {
        assert_eq!(store.retain(&policy(0)).await.unwrap(), stopped);
        assert_eq!(store.would_retain(&policy(0)).await.unwrap(), stopped);
    }
    assert_eq!(database.audit().await.erased, 0);
    assert_eq!(store.retain_confirmed(&policy(0)).await.unwrap(), 6);
    assert_eq!(store.retain(&policy(1)).await.unwrap(), Retained::Erased(0));
}

async fn retention_stops_after_a_jump_of_the_clock(database: TestDatabase) {
    let store = with_old_records(&database, 2).await;
    assert_eq!(store.retain(&policy(0)).await.unwrap(), Retained::Erased(2));
    // Eight days later at the next start: nothing is too old yet, and the clock is not believed either.
    let job = new_job();
    store.enqueue(job.clone(), 10).await.unwrap();
    for days in [8, 800] {
        let jumped = policy(days * 24);
        match store.retain(&jumped).await.unwrap() {
            Retained::Stopped {
                doubt: RetentionDoubt::ClockJumped { by },
                ..
            } => assert_eq!(by.as_hours() / 24, days),
            other => panic!("{days}: {other:?}"),
        }
    }
    assert!(store.job(job.id).await.unwrap().is_some());
    assert_eq!(database.audit().await.erased, 2);
    // A steady clock shows a jump within the life of a server.
    let moved = RetentionPolicy {
        moved: SignedDuration::from_hours(25),
        ..policy(25)
    };
    let outcome = store.retain(&moved).await.unwrap();
    assert!(matches!(outcome, Retained::Stopped { .. }), "{outcome:?}");
    // The operator confirms the clock.
    assert_eq!(store.retain_confirmed(&policy(8 * 24)).await.unwrap(), 0);
    assert_eq!(
        store.retain(&policy(8 * 24)).await.unwrap(),
        Retained::Erased(0)
    );
}

/// Recorded by a server whose clock was years behind.
async fn retention_stops_before_a_new_explanation_with_an_old_time(database: TestDatabase) {
    let store = with_old_records(&database, 1).await;
    let long_ago = Timestamp::now() - SignedDuration::from_hours(900 * 24);
    store.append(new_record_at("c", long_ago)).await.unwrap();
    match store.retain(&policy(0)).await.unwrap() {
        Retained::Stopped { doubt, .. } => {
            assert_eq!(doubt, RetentionDoubt::OutOfOrder { sequence: 11 });
        }
        other @ Retained::Erased(_) => panic!("{other:?}"),
    }
}

on_each_database! {
    erased_explanation_is_listed_in_the_chain,
    old_explanations_are_erased_in_slices,
    retention_erases_what_is_expected,
    retention_stops_before_a_large_share_until_it_is_confirmed,
    retention_stops_after_a_jump_of_the_clock,
    retention_stops_before_a_new_explanation_with_an_old_time,
    customer_with_501_explanations_needs_two_erasures,
}
