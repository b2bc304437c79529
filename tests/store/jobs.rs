//! Jobs, from the queue to a record or a problem.

use microseg::history::Identifier;
use microseg::store::{Admission, Draft, Erased, JobState, NewJob, Store, StoreError};
use uuid::Uuid;

use crate::records::{Place, await_gone, draft, on_each_database};

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

async fn a_job_becomes_a_record(place: Place) {
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

async fn a_running_job_is_left_to_its_server_until_its_lease_ends(place: Place) {
    let (dying, other) = (place.open_as("one").await, place.open_as("other").await);
    let (first, second) = (draft_of_job("c"), draft_of_job("c"));
    for draft in [&first, &second] {
        dying.enqueue(job(draft), ROOM).await.unwrap();
    }
    assert_eq!(dying.next_job().await.unwrap().unwrap().id, first.id);
    // Another one that starts takes nothing away.
    assert_eq!(other.requeue_own_jobs().await.unwrap(), 0);
    assert_eq!(other.next_job().await.unwrap().unwrap().id, second.id);
    assert_eq!(other.next_job().await.unwrap(), None);
    other.put_back(second.id).await.unwrap();

    // Nobody waits for it: the lease of the first one is said to end now.
    let end = format!("UPDATE jobs SET lease_ends = 1 WHERE id = '{}'", first.id);
    place.execute(&end).await;
    // Whoever lives renews it in time.
    assert!(dying.renew_lease(first.id).await.unwrap());
    assert_eq!(other.next_job().await.unwrap().unwrap().id, second.id);
    place.execute(&end).await;
    let taken = other.next_job().await.unwrap().unwrap();
    assert_eq!((taken.id, taken.attempts), (first.id, 2));

    // Who comes back late cannot spoil it.
    assert!(!dying.renew_lease(first.id).await.unwrap());
    dying.fail_job(first.id, b"{}").await.unwrap();
    dying.put_back(first.id).await.unwrap();
    assert_eq!(dying.requeue_own_jobs().await.unwrap(), 0);
    assert_eq!(state(&other, first.id).await, JobState::Running);
    // The first of them to end is recorded, and no second.
    dying.append(first.clone()).await.unwrap();
    let late = other.append(first).await;
    assert!(matches!(late, Err(StoreError::AlreadyRecorded)));
    assert_eq!(place.audit().await.entries, 1);
}

async fn a_server_takes_its_own_jobs_back(place: Place) {
    let store = place.open_as("one").await;
    let (first, second) = (draft_of_job("c"), draft_of_job("c"));
    for draft in [&first, &second] {
        store.enqueue(job(draft), ROOM).await.unwrap();
    }
    store.next_job().await.unwrap().unwrap();
    // After a crash: nothing was said to the database.
    let again = place.open_as("one").await;
    assert_eq!(again.requeue_own_jobs().await.unwrap(), 1);
    assert_eq!(again.requeue_own_jobs().await.unwrap(), 0);
    // The older one still goes first.
    assert_eq!(again.next_job().await.unwrap().unwrap().id, first.id);
    assert_eq!(again.next_job().await.unwrap().unwrap().id, second.id);
    assert_eq!(again.next_job().await.unwrap(), None);
    // Who ends in peace leaves them to whoever comes.
    again.close().await;
    let other = place.open().await;
    assert_eq!(other.next_job().await.unwrap().unwrap().id, first.id);
}

async fn many_servers_start_each_job_once(place: Place) {
    let stores = futures_util::future::join_all((0..4).map(|_| place.open())).await;
    let drafts: Vec<Draft> = (0..40).map(|_| draft_of_job("c")).collect();
    for draft in &drafts {
        stores[0].enqueue(job(draft), 100).await.unwrap();
    }
    let working = stores.iter().map(async |store| {
        let mut started = Vec::new();
        while let Some(job) = store.next_job().await.unwrap() {
            assert_eq!(job.attempts, 1);
            started.push(job.id);
        }
        started
    });
    let mut started = futures_util::future::join_all(working).await.concat();
    started.sort_unstable();
    let mut ids: Vec<Uuid> = drafts.iter().map(|draft| draft.id).collect();
    ids.sort_unstable();
    assert_eq!(started, ids);
}

async fn a_job_that_is_put_back_runs_again_and_counts(place: Place) {
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

async fn a_job_that_fails_says_why(place: Place) {
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

async fn no_more_wait_than_may(place: Place) {
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

async fn a_job_whose_customer_was_erased_makes_no_record(place: Place) {
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

async fn a_done_job_goes_with_its_explanation(place: Place) {
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

async fn one_that_fails_takes_nobody_with_it(place: Place) {
    // A refusal in a transaction leaves the rest of it alone.
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

on_each_database! {
    a_job_becomes_a_record,
    a_running_job_is_left_to_its_server_until_its_lease_ends,
    a_server_takes_its_own_jobs_back,
    many_servers_start_each_job_once,
    a_job_that_is_put_back_runs_again_and_counts,
    a_job_that_fails_says_why,
    no_more_wait_than_may,
    a_job_whose_customer_was_erased_makes_no_record,
    a_done_job_goes_with_its_explanation,
    one_that_fails_takes_nobody_with_it,
}
