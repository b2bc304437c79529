//! Jobs, from the queue to a record or a problem.

use microseg::history::Identifier;
use microseg::store::{Admission, Draft, Erased, JobState, NewJob, Store, StoreError};
use uuid::Uuid;

use crate::records::{Place, await_gone, draft};

const ROOM: u64 = 10;

fn job(draft: &Draft) -> NewJob {
    NewJob {
        id: draft.id,
        customer_id: draft.customer_id.clone(),
        request: format!("request of {}", draft.id).into_bytes(),
        admitted: Admission::default(),
    }
}

fn draft_of_job(customer_id: &str) -> Draft {
    Draft {
        of_job: true,
        ..draft(customer_id)
    }
}

async fn state(store: &Store, id: Uuid) -> JobState {
    store.job(id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_job_becomes_a_record() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (draft_of_job("c"), draft_of_job("c"));
    let id = first.id;
    store.enqueue(job(&first), ROOM).await.unwrap();
    store.enqueue(job(&second), ROOM).await.unwrap();
    assert_eq!(state(&store, id).await, JobState::Queued);

    let running = store.next_job().await.unwrap().unwrap();
    assert_eq!((running.id, running.request), (id, job(&first).request));
    assert_eq!(state(&store, id).await, JobState::Running);
    store.append(first.clone()).await.unwrap();
    assert_eq!(state(&store, id).await, JobState::Done);
    assert!(store.document(id).await.unwrap().is_some());
    let again = store.append(first.clone()).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecorded)));
    let again = store.enqueue(job(&first), ROOM).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecorded)));

    // The other one can be recorded while it still waits; then nobody runs it.
    store.append(second).await.unwrap();
    assert_eq!(store.next_job().await.unwrap(), None);
    // The store stays open: nobody waits for its end to be rid of a request.
    await_gone(&place, b"request of").await;
}

#[tokio::test]
async fn a_running_job_is_queued_again_after_its_process_died() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (draft_of_job("c"), draft_of_job("c"));
    for draft in [&first, &second] {
        store.enqueue(job(draft), ROOM).await.unwrap();
    }
    store.next_job().await.unwrap().unwrap();
    store.close().await;

    let store = place.open().await;
    assert_eq!(store.requeue_running_jobs().await.unwrap(), 1);
    assert_eq!(store.requeue_running_jobs().await.unwrap(), 0);
    // The older one still goes first.
    assert_eq!(store.next_job().await.unwrap().unwrap().id, first.id);
    assert_eq!(store.next_job().await.unwrap().unwrap().id, second.id);
    assert_eq!(store.next_job().await.unwrap(), None);
}

#[tokio::test]
async fn a_job_that_is_put_back_runs_again_and_counts() {
    let place = Place::new();
    let store = place.open().await;
    let (first, second) = (draft_of_job("c"), draft_of_job("c"));
    for draft in [&first, &second] {
        store.enqueue(job(draft), ROOM).await.unwrap();
    }
    for attempts in 1..=3 {
        let running = store.next_job().await.unwrap().unwrap();
        // It keeps its place before the one that came later.
        assert_eq!((running.id, running.attempts), (first.id, attempts));
        store.put_back(first.id).await.unwrap();
        assert_eq!(state(&store, first.id).await, JobState::Queued);
    }
    store.next_job().await.unwrap().unwrap();
    let other = store.next_job().await.unwrap().unwrap();
    assert_eq!((other.id, other.attempts), (second.id, 1));
    store.put_back(second.id).await.unwrap();
    assert_eq!(state(&store, first.id).await, JobState::Running);
    store.append(first.clone()).await.unwrap();
    store.put_back(first.id).await.unwrap();
    assert_eq!(state(&store, first.id).await, JobState::Done);
    store.put_back(Uuid::now_v7()).await.unwrap();
}

#[tokio::test]
async fn a_job_that_fails_says_why() {
    let place = Place::new();
    let store = place.open().await;
    let draft = draft_of_job("c");
    let problem = br#"{"title":"The content is not valid"}"#;
    store.enqueue(job(&draft), ROOM).await.unwrap();
    store.fail_job(draft.id, problem).await.unwrap();
    assert_eq!(
        state(&store, draft.id).await,
        JobState::Queued,
        "only what runs can fail"
    );
    store.next_job().await.unwrap().unwrap();
    store.fail_job(draft.id, problem).await.unwrap();
    await_gone(&place, b"request of").await;
    let failed = JobState::Failed {
        problem: problem.to_vec(),
    };
    assert_eq!(state(&store, draft.id).await, failed);
    assert!(matches!(
        store.append(draft.clone()).await,
        Err(StoreError::JobGone)
    ));
    store.fail_job(Uuid::now_v7(), problem).await.unwrap();
    let (explanations, jobs) = (0, 1);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(erased, Erased { explanations, jobs });
    assert_eq!(store.job(draft.id).await.unwrap(), None);
}

#[tokio::test]
async fn no_more_wait_than_may() {
    let place = Place::new();
    let store = place.open().await;
    let drafts = [draft_of_job("c"), draft_of_job("c"), draft_of_job("c")];
    store.enqueue(job(&drafts[0]), 2).await.unwrap();
    store.enqueue(job(&drafts[1]), 2).await.unwrap();
    let full = store.enqueue(job(&drafts[2]), 2).await;
    assert!(matches!(full, Err(StoreError::Busy)));
    // What runs does not wait.
    store.next_job().await.unwrap().unwrap();
    store.enqueue(job(&drafts[2]), 2).await.unwrap();
}

#[tokio::test]
async fn a_job_whose_customer_was_erased_makes_no_record() {
    let place = Place::new();
    let store = place.open().await;
    let (draft, other) = (draft_of_job("c"), draft_of_job("d"));
    store.enqueue(job(&draft), ROOM).await.unwrap();
    store.enqueue(job(&other), ROOM).await.unwrap();
    store.next_job().await.unwrap().unwrap();
    let (explanations, jobs) = (0, 1);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(erased, Erased { explanations, jobs });
    assert!(matches!(
        store.append(draft).await,
        Err(StoreError::JobGone)
    ));
    assert_eq!(state(&store, other.id).await, JobState::Queued);
    assert!(
        store.erase(other.id).await.unwrap(),
        "a job that waits can be erased by its id"
    );
    assert_eq!(place.audit().await.entries, 0);
}

#[tokio::test]
async fn a_done_job_goes_with_its_explanation() {
    let place = Place::new();
    let store = place.open().await;
    let draft = draft_of_job("c");
    let id = draft.id;
    store.enqueue(job(&draft), ROOM).await.unwrap();
    store.next_job().await.unwrap();
    store.append(draft).await.unwrap();
    let (explanations, jobs) = (1, 0);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(erased, Erased { explanations, jobs });
    assert_eq!(store.job(id).await.unwrap(), None);
}

#[tokio::test]
async fn one_that_fails_takes_nobody_with_it() {
    // A refusal in a transaction leaves the rest of it alone.
    let place = Place::new();
    let store = place.open().await;
    let gone = draft_of_job("c");
    let (kept, other) = (draft("c"), draft("c"));
    let outcomes = futures_util::future::join3(
        store.append(kept.clone()),
        store.append(gone),
        store.append(other.clone()),
    )
    .await;
    assert!(outcomes.0.is_ok() && outcomes.2.is_ok());
    assert!(matches!(outcomes.1, Err(StoreError::JobGone)));
    let anonymous = NewJob {
        id: Uuid::now_v7(),
        customer_id: None::<Identifier>,
        request: Vec::new(),
        admitted: Admission::default(),
    };
    store.enqueue(anonymous.clone(), ROOM).await.unwrap();
    assert_eq!(store.next_job().await.unwrap().unwrap().id, anonymous.id);
    assert!(place.audit().await.whole);
}
