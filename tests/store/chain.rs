//! Appending: the seal, the links, and what comes back.

use std::io::Write;
use std::process::{Command, Stdio};

use futures_util::FutureExt;
use futures_util::future::{join_all, try_join_all};
use microseg::store::{Anchor, KeptInput, StoreError};
use uuid::Uuid;

use crate::records::{Place, draft, member, on_each_database};

/// The hash by somebody else's program.
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

async fn a_record_can_be_recomputed_from_outside(place: Place) {
    let store = place.open().await;
    let mut previous = "0".repeat(64);
    for _ in 0..3 {
        let draft = draft("c");
        let body = String::from_utf8(draft.document.clone()).unwrap();
        let record = String::from_utf8(store.append(draft).await.unwrap()).unwrap();
        let document = sha256sum(body.as_bytes());
        let hash = sha256sum(format!("{previous}\n{document}\n").as_bytes());
        let open = body.strip_suffix('}').unwrap();
        let seal = format!(
            r#""previous_sha256":"{previous}","document_sha256":"{document}","record_sha256":"{hash}""#
        );
        assert_eq!(record, format!("{open},{seal}}}"));
        previous = hash;
    }
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.head, Some(previous));
}

async fn many_at_once_make_one_chain_and_each_comes_back(place: Place) {
    let store = place.open().await;
    let drafts: Vec<_> = (0..700)
        .map(|number| draft(&format!("c{}", number % 7)))
        .collect();
    let ids: Vec<Uuid> = drafts.iter().map(|draft| draft.id).collect();
    let appends = drafts.into_iter().map(|draft| store.append(draft));
    let records = try_join_all(appends).await.unwrap();

    let others = place.open().await;
    for (id, record) in ids.iter().zip(&records) {
        assert_eq!(store.document(*id).await.unwrap().as_ref(), Some(record));
        assert_eq!(others.document(*id).await.unwrap().as_ref(), Some(record));
    }
    let mut heard = Vec::new();
    let audit = store.audit(None, |done, of| heard.push((done, of))).await;
    let audit = audit.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.explanations), (700, 700));
    assert_eq!(heard.last(), Some(&(700, 700)));
}

async fn two_stores_on_one_database_make_one_chain(place: Place) {
    let stores = [place.open().await, place.open().await];
    let appends = (0..120).map(|number| stores[number % 2].append(draft("c")));
    try_join_all(appends).await.unwrap();
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 120);
}

async fn a_chain_goes_on_where_it_was_closed(place: Place) {
    let store = place.open().await;
    let first = draft("c");
    let id = first.id;
    let record = store.append(first).await.unwrap();
    store.close().await;
    assert!(matches!(
        store.append(draft("c")).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(store.document(id).await, Err(StoreError::Closed)));

    let store = place.open().await;
    let next = store.append(draft("c")).await.unwrap();
    assert_eq!(
        member(&next, "previous_sha256"),
        member(&record, "record_sha256")
    );
    assert_eq!(store.document(id).await.unwrap(), Some(record));
}

async fn closing_finishes_what_waits(place: Place) {
    let store = place.open().await;
    let appends: Vec<_> = (0..400)
        .map(|_| {
            tokio::spawn({
                let store = store.clone();
                async move { store.append(draft("c")).await }
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
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, kept);
    assert!(kept > 0);
}

async fn a_full_queue_is_an_answer_and_what_was_taken_is_kept(place: Place) {
    let store = place.open().await;
    // More than the queue and the writer's hands hold, offered before the writer can do anything.
    let appends = (0..4000).map(|_| store.append(draft("c")));
    let outcomes = join_all(appends).await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(StoreError::Busy)))
        .count();
    assert!(kept >= 1024 && busy > 0, "{kept} kept, {busy} busy");
    assert_eq!(kept + busy, 4000);
    assert_eq!(place.audit().await.entries, kept as u64);
}

async fn a_caller_who_leaves_is_kept_all_the_same(place: Place) {
    let store = place.open().await;
    let draft = draft("c");
    let id = draft.id;
    // Polled once, it is in the queue.
    assert!(store.append(draft).now_or_never().is_none());
    store.close().await;
    assert!(place.open().await.document(id).await.unwrap().is_some());
}

async fn an_id_is_recorded_once(place: Place) {
    let store = place.open().await;
    let draft = draft("c");
    let outcomes = join_all([store.append(draft.clone()), store.append(draft.clone())]).await;
    assert!(outcomes[0].is_ok());
    assert!(matches!(outcomes[1], Err(StoreError::AlreadyRecorded)));
    assert!(matches!(
        store.append(draft).await,
        Err(StoreError::AlreadyRecorded)
    ));
    assert_eq!(place.audit().await.entries, 1);
}

async fn a_draft_that_contradicts_itself_is_refused(place: Place) {
    let store = place.open().await;
    let mut contradicting = draft("c");
    contradicting.id = Uuid::now_v7();
    assert!(matches!(
        store.append(contradicting).await,
        Err(StoreError::Draft(_))
    ));
    assert_eq!(place.audit().await.head, None);
}

async fn input_comes_back_in_its_form(place: Place) {
    let store = place.open().await;
    for input in [
        KeptInput::Digest,
        KeptInput::Totals(b"totals".to_vec()),
        KeptInput::History(vec![0, 159, 146, 150]),
    ] {
        let mut draft = draft("c");
        draft.input = input.clone();
        let id = draft.id;
        let record = store.append(draft).await.unwrap();
        assert_eq!(store.record(id).await.unwrap(), Some((record, input)));
    }
    assert_eq!(store.record(Uuid::now_v7()).await.unwrap(), None);
}

async fn a_list_goes_from_new_to_old_in_pages(place: Place) {
    let store = place.open().await;
    let mut records = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        store.append(draft("somebody else")).await.unwrap();
        let draft = draft("c");
        ids.insert(0, draft.id);
        records.insert(0, store.append(draft).await.unwrap());
    }
    let all = store.list("c", None, 5).await.unwrap();
    assert_eq!((all.documents, all.next), (records.clone(), None));
    let first = store.list("c", None, 2).await.unwrap();
    assert_eq!((&*first.documents, first.next), (&records[..2], Some(8)));
    // It goes on when the one that it goes on from is erased.
    store.erase(ids[1]).await.unwrap();
    let last = store.list("c", first.next, 3).await.unwrap();
    assert_eq!((&*last.documents, last.next), (&records[2..], None));
    assert!(
        store
            .list("nobody", None, 5)
            .await
            .unwrap()
            .documents
            .is_empty()
    );
    let before_all = store.list("c", Some(0), 5).await.unwrap();
    assert_eq!(before_all, microseg::store::Page::default());
    let from_the_end = store.list("c", Some(u64::MAX), 1).await.unwrap();
    assert_eq!(from_the_end.documents, records[..1]);
}

async fn an_anchor_is_found_or_missed(place: Place) {
    let store = place.open().await;
    store.append(draft("c")).await.unwrap();
    let second = store.append(draft("c")).await.unwrap();
    store.append(draft("c")).await.unwrap();
    let anchor = member(&second, "record_sha256");
    let audit = store.audit(Some(&anchor), |_, _| ()).await.unwrap();
    assert!(audit.whole);
    assert_eq!(audit.anchor, Anchor::Here { sequence: 2 });

    place
        .execute("DELETE FROM contents WHERE sequence > 1; DELETE FROM entries WHERE sequence > 1")
        .await;
    assert!(place.audit().await.whole, "from inside nobody can tell");
    let audit = store.audit(Some(&anchor), |_, _| ()).await.unwrap();
    assert!(!audit.whole);
    assert_eq!((audit.anchor, audit.broken), (Anchor::Nowhere, None));
}

#[tokio::test]
async fn a_store_in_memory_does_the_same() {
    let store = microseg::store::Store::open("sqlite::memory:")
        .await
        .unwrap();
    let appends = (0..20).map(|_| store.append(draft("c")));
    try_join_all(appends).await.unwrap();
    store.erase_customer("c").await.unwrap();
    let audit = store.audit(None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.entries, audit.erased, audit.erasures), (21, 20, 1));
}

on_each_database! {
    a_record_can_be_recomputed_from_outside,
    many_at_once_make_one_chain_and_each_comes_back,
    two_stores_on_one_database_make_one_chain,
    a_chain_goes_on_where_it_was_closed,
    closing_finishes_what_waits,
    a_full_queue_is_an_answer_and_what_was_taken_is_kept,
    a_caller_who_leaves_is_kept_all_the_same,
    an_id_is_recorded_once,
    a_draft_that_contradicts_itself_is_refused,
    input_comes_back_in_its_form,
    a_list_goes_from_new_to_old_in_pages,
    an_anchor_is_found_or_missed,
}
