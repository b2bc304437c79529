//! Tests of appending to the chain and of reading from it.

use std::io::Write;
use std::process::{Command, Stdio};

use futures_util::FutureExt;
use futures_util::future::{join_all, try_join_all};
use microseg::store::{Anchor, KeptInput, Page, RecordWithInput, StoreError};
use uuid::Uuid;

use crate::support::{TestDatabase, listed, member, new_record, on_each_database};

/// The hash by another program.
fn sha256sum(bytes: &[u8]) -> String {
    let mut program = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = program.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

async fn record_hashes_are_those_of_another_program(database: TestDatabase) {
    let store = database.open().await;
    let mut previous = "0".repeat(64);
    for _ in 0..3 {
        let record = new_record("c");
        let body = String::from_utf8(record.document.clone()).unwrap();
        let record = String::from_utf8(store.append(record).await.unwrap()).unwrap();
        let document = sha256sum(body.as_bytes());
        let hash = sha256sum(format!("{previous}\n{document}\n").as_bytes());
        let open = body.strip_suffix('}').unwrap();
        let seal = format!(
            r#""previous_sha256":"{previous}","document_sha256":"{document}","record_sha256":"{hash}""#
        );
        assert_eq!(record, format!("{open},{seal}}}"));
        previous = hash;
    }
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.head, Some(previous));
}

async fn concurrent_appends_make_one_chain_and_each_can_be_read(database: TestDatabase) {
    let store = database.open().await;
    let new_records: Vec<_> = (0..700)
        .map(|number| new_record(&format!("c{}", number % 7)))
        .collect();
    let ids: Vec<Uuid> = new_records.iter().map(|record| record.id).collect();
    let appends = new_records.into_iter().map(|record| store.append(record));
    let records = try_join_all(appends).await.unwrap();

    let others = database.open().await;
    for (id, record) in ids.iter().zip(&records) {
        assert_eq!(store.document(*id).await.unwrap().as_ref(), Some(record));
        assert_eq!(others.document(*id).await.unwrap().as_ref(), Some(record));
    }
    let mut reported = Vec::new();
    let audit = store
        .audit(None, |done, of| reported.push((done, of)))
        .await;
    let audit = audit.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.explanations), (700, 700));
    assert_eq!(reported.last(), Some(&(700, 700)));
}

async fn two_stores_on_one_database_make_one_chain(database: TestDatabase) {
    let stores = [database.open().await, database.open().await];
    let appends = (0..120).map(|number| stores[number % 2].append(new_record("c")));
    try_join_all(appends).await.unwrap();
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 120);
}

async fn reopened_store_continues_the_chain(database: TestDatabase) {
    let store = database.open().await;
    let first = new_record("c");
    let id = first.id;
    let record = store.append(first).await.unwrap();
    store.close().await;
    assert!(matches!(
        store.append(new_record("c")).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(store.document(id).await, Err(StoreError::Closed)));

    let store = database.open().await;
    let next = store.append(new_record("c")).await.unwrap();
    assert_eq!(
        member(&next, "previous_sha256"),
        member(&record, "record_sha256")
    );
    assert_eq!(store.document(id).await.unwrap(), Some(record));
}

async fn close_writes_what_was_queued(database: TestDatabase) {
    let store = database.open().await;
    let appends: Vec<_> = (0..400)
        .map(|_| {
            tokio::spawn({
                let store = store.clone();
                async move { store.append(new_record("c")).await }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    let mut kept = 0;
    for append in appends {
        match append.await.unwrap() {
            Ok(_) => kept += 1,
            Err(error) => assert!(matches!(error, StoreError::Closed), "{error}"),
        }
    }
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, kept);
    assert!(kept > 0);
}

async fn full_queue_refuses_with_busy_and_keeps_what_was_accepted(database: TestDatabase) {
    let store = database.open().await;
    // More than the queue and one batch hold, queued before the writer can run.
    let appends = (0..4000).map(|_| store.append(new_record("c")));
    let outcomes = join_all(appends).await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(StoreError::Busy)))
        .count();
    assert!(kept >= 1024 && busy > 0, "{kept} kept, {busy} busy");
    assert_eq!(kept + busy, 4000);
    assert_eq!(database.audit().await.entries, kept as u64);
}

async fn dropped_append_is_still_written(database: TestDatabase) {
    let store = database.open().await;
    let record = new_record("c");
    let id = record.id;
    // One poll queues it.
    assert!(store.append(record).now_or_never().is_none());
    store.close().await;
    assert!(database.open().await.document(id).await.unwrap().is_some());
}

async fn second_record_with_an_id_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let record = new_record("c");
    let outcomes = join_all([store.append(record.clone()), store.append(record.clone())]).await;
    assert!(outcomes[0].is_ok());
    assert!(matches!(outcomes[1], Err(StoreError::AlreadyRecorded)));
    assert!(matches!(
        store.append(record).await,
        Err(StoreError::AlreadyRecorded)
    ));
    assert_eq!(database.audit().await.entries, 1);
}

async fn record_that_disagrees_with_its_document_is_refused(database: TestDatabase) {
    let store = database.open().await;
    let mut contradicting = new_record("c");
    contradicting.id = Uuid::now_v7();
    assert!(matches!(
        store.append(contradicting).await,
        Err(StoreError::InvalidRecord(_))
    ));
    assert_eq!(database.audit().await.head, None);
}

async fn kept_input_is_read_back_in_its_form(database: TestDatabase) {
    let store = database.open().await;
    for input in [
        KeptInput::Digest,
        KeptInput::Totals(b"totals".to_vec()),
        KeptInput::History(vec![0, 159, 146, 150]),
    ] {
        let mut record = new_record("c");
        record.input = input.clone();
        let id = record.id;
        let record = store.append(record).await.unwrap();
        let expected = RecordWithInput {
            document: record,
            input,
            altered: None,
        };
        assert_eq!(store.record(id).await.unwrap(), Some(expected));
    }
    assert_eq!(store.record(Uuid::now_v7()).await.unwrap(), None);
}

async fn list_has_the_newest_first_in_pages(database: TestDatabase) {
    let store = database.open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        store.append(new_record("other")).await.unwrap();
        let record = new_record("c");
        ids.insert(0, record.id);
        store.append(record).await.unwrap();
    }
    let all = store.list("c", None, 5).await.unwrap();
    assert_eq!((listed(&all), all.next), (ids.clone(), None));
    let first = store.list("c", None, 2).await.unwrap();
    assert_eq!((&*listed(&first), first.next), (&ids[..2], Some(8)));
    // The next page can be read after the record before it was erased.
    store.erase(ids[1]).await.unwrap();
    let last = store.list("c", first.next, 3).await.unwrap();
    assert_eq!((&*listed(&last), last.next), (&ids[2..], None));
    let unknown = store.list("unknown", None, 5).await.unwrap();
    assert_eq!(unknown, Page::default());
    let before_all = store.list("c", Some(0), 5).await.unwrap();
    assert_eq!(before_all, Page::default());
    let from_the_end = store.list("c", Some(u64::MAX), 1).await.unwrap();
    assert_eq!(listed(&from_the_end), ids[..1]);
}

async fn anchor_is_found_until_the_chain_is_cut(database: TestDatabase) {
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    let second = store.append(new_record("c")).await.unwrap();
    store.append(new_record("c")).await.unwrap();
    let anchor = member(&second, "record_sha256");
    let audit = store.audit(Some(&anchor), |_, _| ()).await.unwrap();
    assert!(audit.whole);
    assert_eq!(audit.anchor, Anchor::Here { sequence: 2 });

    database
        .execute("DELETE FROM contents WHERE sequence > 1; DELETE FROM entries WHERE sequence > 1")
        .await;
    if let TestDatabase::Sqlite(_) = database {
        let audit = database.audit().await;
        assert_eq!((audit.whole, audit.anchor), (false, Anchor::Nowhere));
    }
    database.forget_anchor();
    assert!(
        database.audit().await.whole,
        "a cut cannot be seen without an anchor"
    );
    let audit = store.audit(Some(&anchor), |_, _| ()).await.unwrap();
    assert!(!audit.whole);
    assert_eq!((audit.anchor, audit.broken), (Anchor::Nowhere, None));
}

#[tokio::test]
async fn store_in_memory_appends_erases_and_audits() {
    let store = microseg::store::Store::open("sqlite::memory:")
        .await
        .unwrap();
    let appends = (0..20).map(|_| store.append(new_record("c")));
    try_join_all(appends).await.unwrap();
    store.erase_customer("c").await.unwrap();
    let audit = store.audit(None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.erased, audit.erasures), (21, 20, 1));
}

on_each_database! {
    record_hashes_are_those_of_another_program,
    concurrent_appends_make_one_chain_and_each_can_be_read,
    two_stores_on_one_database_make_one_chain,
    reopened_store_continues_the_chain,
    close_writes_what_was_queued,
    full_queue_refuses_with_busy_and_keeps_what_was_accepted,
    dropped_append_is_still_written,
    second_record_with_an_id_is_refused,
    record_that_disagrees_with_its_document_is_refused,
    kept_input_is_read_back_in_its_form,
    list_has_the_newest_first_in_pages,
    anchor_is_found_until_the_chain_is_cut,
}
