//! Tests of jobs, from the queue to a record or a problem.

use microseg::access::Share;
use microseg::store::{
    Erased, JobCaller, JobState, NewJob, NewRecord, QueueLimit, Store, StoreError,
};
use test_support::wait::eventually;
use uuid::Uuid;

use crate::support::{TestDatabase, await_scrubbed, new_job, new_record, on_each_database};

const MOST_WAITING: u64 = 10;

fn job(record: &NewRecord) -> NewJob {
    NewJob {
        id: record.id,
        customer_id: record.customer_id.clone(),
        request: format!("request of {}", record.id).into_bytes(),
        ..new_job()
    }
}

fn job_record(customer_id: &str) -> NewRecord {
    NewRecord {
        of_job: true,
        ..new_record(customer_id)
    }
}

async fn state(store: &Store, id: Uuid) -> JobState {
    store.job(id).await.unwrap().unwrap().state
}

async fn appended_job_is_done(database: TestDatabase) {
    let store = database.open().await;
    let (first, second) = (job_record("c"), job_record("c"));
    let id = first.id;
    store.enqueue(job(&first), MOST_WAITING).await.unwrap();
    store.enqueue(job(&second), MOST_WAITING).await.unwrap();
    assert_eq!(state(&store, id).await, JobState::Queued);

    let running = store.next_job().await.unwrap().unwrap();
    assert_eq!((running.id, running.request), (id, job(&first).request));
    assert_eq!(state(&store, id).await, JobState::Running);
    store.append(first.clone()).await.unwrap();
    assert_eq!(state(&store, id).await, JobState::Done);
    assert!(store.document(id).await.unwrap().is_some());
    let again = store.append(first.clone()).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecorded)));
    let again = store.enqueue(job(&first), MOST_WAITING).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecorded)));

    // The other one can be recorded while it is queued, and does not run then.
    store.append(second).await.unwrap();
    assert_eq!(store.next_job().await.unwrap(), None);
    // Requests are scrubbed while the store is open.
    await_scrubbed(&database, b"request of").await;
}

async fn running_job_is_not_taken_before_its_lease_ends(database: TestDatabase) {
    let (first_server, other) = (
        database.open_as("one").await,
        database.open_as("other").await,
    );
    let (first, second) = (job_record("c"), job_record("c"));
    for record in [&first, &second] {
        first_server
            .enqueue(job(record), MOST_WAITING)
            .await
            .unwrap();
    }
    assert_eq!(first_server.next_job().await.unwrap().unwrap().id, first.id);
    // Another server that starts does not take it.
    assert_eq!(other.requeue_own_jobs().await.unwrap(), 0);
    assert_eq!(other.next_job().await.unwrap().unwrap().id, second.id);
    assert_eq!(other.next_job().await.unwrap(), None);
    other.put_back(second.id).await.unwrap();

    // The lease of the first one is made to end now.
    let end = format!("UPDATE jobs SET lease_ends = 1 WHERE id = '{}'", first.id);
    database.execute(&end).await;
    // Its server renews it before another one takes it.
    assert!(first_server.renew_lease(first.id).await.unwrap());
    assert_eq!(other.next_job().await.unwrap().unwrap().id, second.id);
    database.execute(&end).await;
    let taken = other.next_job().await.unwrap().unwrap();
    assert_eq!((taken.id, taken.attempts), (first.id, 2));

    // The late server cannot change it.
    assert!(!first_server.renew_lease(first.id).await.unwrap());
    first_server.fail_job(first.id, b"{}").await.unwrap();
    first_server.put_back(first.id).await.unwrap();
    assert_eq!(first_server.requeue_own_jobs().await.unwrap(), 0);
    assert_eq!(state(&other, first.id).await, JobState::Running);
    // The first result is recorded, and no second one.
    first_server.append(first.clone()).await.unwrap();
    let late = other.append(first).await;
    assert!(matches!(late, Err(StoreError::AlreadyRecorded)));
    assert_eq!(database.audit().await.entries, 1);
}

async fn lease_that_ends_too_late_to_be_real_is_taken_over(database: TestDatabase) {
    let (first_server, other) = (
        database.open_as("one").await,
        database.open_as("other").await,
    );
    let record = job_record("c");
    first_server
        .enqueue(job(&record), MOST_WAITING)
        .await
        .unwrap();
    first_server.next_job().await.unwrap().unwrap();
    // The clock moves back by some seconds, and then by a day: the lease ends so much later.
    for (milliseconds, is_taken) in [(5_000, false), (86_400_000, true)] {
        let later = format!("UPDATE jobs SET lease_ends = lease_ends + {milliseconds}");
        database.execute(later).await;
        let taken = other.next_job().await.unwrap();
        assert_eq!(taken.is_some(), is_taken, "{milliseconds} ms");
    }
    assert!(!first_server.renew_lease(record.id).await.unwrap());
    assert!(other.renew_lease(record.id).await.unwrap());
    other.append(record).await.unwrap();
    assert_eq!(database.audit().await.entries, 1);
}

async fn restarted_server_requeues_its_own_jobs(database: TestDatabase) {
    let store = database.open_as("one").await;
    let (first, second) = (job_record("c"), job_record("c"));
    for record in [&first, &second] {
        store.enqueue(job(record), MOST_WAITING).await.unwrap();
    }
    store.next_job().await.unwrap().unwrap();
    // As after a crash: the first store was not closed.
    let again = database.open_as("one").await;
    assert_eq!(again.requeue_own_jobs().await.unwrap(), 1);
    assert_eq!(again.requeue_own_jobs().await.unwrap(), 0);
    // The older one is still first.
    assert_eq!(again.next_job().await.unwrap().unwrap().id, first.id);
    assert_eq!(again.next_job().await.unwrap().unwrap().id, second.id);
    assert_eq!(again.next_job().await.unwrap(), None);
    // A store that is closed releases its jobs.
    again.close().await;
    let other = database.open().await;
    assert_eq!(other.next_job().await.unwrap().unwrap().id, first.id);
}

async fn many_servers_start_each_job_once(database: TestDatabase) {
    let stores = futures_util::future::join_all((0..4).map(|_| database.open())).await;
    let new_records: Vec<NewRecord> = (0..40).map(|_| job_record("c")).collect();
    for record in &new_records {
        stores[0].enqueue(job(record), 100).await.unwrap();
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
    let mut ids: Vec<Uuid> = new_records.iter().map(|record| record.id).collect();
    ids.sort_unstable();
    assert_eq!(started, ids);
}

async fn job_that_is_put_back_keeps_its_order_and_counts_attempts(database: TestDatabase) {
    let store = database.open().await;
    let (first, second) = (job_record("c"), job_record("c"));
    for record in [&first, &second] {
        store.enqueue(job(record), MOST_WAITING).await.unwrap();
    }
    for attempts in 1..=3 {
        let running = store.next_job().await.unwrap().unwrap();
        // It is still before the one that was queued later.
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

async fn failed_job_keeps_its_problem_and_no_request(database: TestDatabase) {
    let store = database.open().await;
    let record = job_record("c");
    let problem = br#"{"title":"The content is not valid"}"#;
    store.enqueue(job(&record), MOST_WAITING).await.unwrap();
    store.fail_job(record.id, problem).await.unwrap();
    assert_eq!(
        state(&store, record.id).await,
        JobState::Queued,
        "only what runs can fail"
    );
    store.next_job().await.unwrap().unwrap();
    store.fail_job(record.id, problem).await.unwrap();
    await_scrubbed(&database, b"request of").await;
    let failed = JobState::Failed {
        problem: problem.to_vec(),
    };
    assert_eq!(state(&store, record.id).await, failed);
    assert!(matches!(
        store.append(record.clone()).await,
        Err(StoreError::JobGone)
    ));
    store.fail_job(Uuid::now_v7(), problem).await.unwrap();
    let (explanations, jobs) = (0, 1);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(
        erased,
        Erased {
            explanations,
            jobs,
            transactions: 0
        }
    );
    assert_eq!(store.job(record.id).await.unwrap(), None);
}

async fn full_job_queue_refuses_with_busy(database: TestDatabase) {
    let store = database.open().await;
    let new_records = [job_record("c"), job_record("c"), job_record("c")];
    store.enqueue(job(&new_records[0]), 2).await.unwrap();
    store.enqueue(job(&new_records[1]), 2).await.unwrap();
    let full = store.enqueue(job(&new_records[2]), 2).await;
    assert!(matches!(full, Err(StoreError::Busy)));
    // A running job does not count.
    store.next_job().await.unwrap().unwrap();
    store.enqueue(job(&new_records[2]), 2).await.unwrap();
}

/// A request that does not become smaller.
fn noise(bytes: usize) -> Vec<u8> {
    let ids = std::iter::repeat_with(|| Uuid::now_v7().into_bytes());
    let random = ids.map(|id| {
        [
            id[8] ^ id[12],
            id[9] ^ id[13],
            id[10] ^ id[14],
            id[11] ^ id[15],
        ]
    });
    random.flatten().take(bytes).collect()
}

async fn bytes_of_waiting_jobs_are_limited(database: TestDatabase) {
    let store = database.open().await;
    let limit = QueueLimit {
        jobs: 10,
        bytes: 100_000,
    };
    let enqueue = async |request: Vec<u8>| {
        let record = job_record("c");
        let job = NewJob {
            request,
            ..job(&record)
        };
        store.enqueue(job, limit).await
    };
    // One may wait, whatever its size, and no other beside it.
    enqueue(noise(200_000)).await.unwrap();
    assert!(matches!(enqueue(vec![1]).await, Err(StoreError::Busy)));
    let large = store.next_job().await.unwrap().unwrap();
    assert_eq!(large.request.len(), 200_000);
    // What is compressed counts as it is stored.
    for _ in 0..5 {
        enqueue(vec![b' '; 90_000]).await.unwrap();
    }
    enqueue(noise(80_000)).await.unwrap();
    assert!(matches!(
        enqueue(noise(80_000)).await,
        Err(StoreError::Busy)
    ));
    let spaces = store.next_job().await.unwrap().unwrap();
    assert_eq!(spaces.request, vec![b' '; 90_000]);
}

/// As version 0.1 stored it.
async fn request_that_is_not_compressed_is_read_as_it_is(database: TestDatabase) {
    let store = database.open().await;
    let record = job_record("c");
    store.enqueue(job(&record), MOST_WAITING).await.unwrap();
    let large = "x".repeat(50_000);
    let bytes = database.bytes(&large);
    database
        .execute(format!("UPDATE job_contents SET request = {bytes}"))
        .await;
    let running = store.next_job().await.unwrap().unwrap();
    assert_eq!(running.request, large.into_bytes());
}

/// PostgreSQL uses the space of dead rows again, and cuts its files by itself.
#[tokio::test]
async fn ended_jobs_give_their_disk_back() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let files = || {
        let files = std::fs::read_dir(database.folder()).unwrap();
        files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum::<u64>()
    };
    let mut records = Vec::new();
    for _ in 0..12 {
        let record = job_record("c");
        let job = NewJob {
            request: noise(4_000_000),
            ..job(&record)
        };
        store.enqueue(job, 20).await.unwrap();
        records.push(record);
    }
    store.append(new_record("d")).await.unwrap();
    assert!(files() > 48_000_000);
    for record in records {
        store.next_job().await.unwrap().unwrap();
        store.append(record).await.unwrap();
    }
    eventually("the files are small again", async || {
        (files() < 12_000_000).then_some(())
    })
    .await;
    // The shorter file is no cut one.
    store.append(new_record("d")).await.unwrap();
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 14);
}

#[tokio::test]
async fn file_that_another_server_has_shortened_is_no_cut_one() {
    let database = TestDatabase::sqlite();
    let (first, second) = (database.open().await, database.open().await);
    let record = job_record("c");
    let job = NewJob {
        request: noise(12_000_000),
        ..job(&record)
    };
    first.enqueue(job, 20).await.unwrap();
    second.append(new_record("d")).await.unwrap();
    first.next_job().await.unwrap().unwrap();
    first.append(record).await.unwrap();
    let main = database.folder().join("records.db");
    eventually("the file is short again", async || {
        (std::fs::metadata(&main).unwrap().len() < 8_000_000).then_some(())
    })
    .await;
    for store in [&first, &second] {
        store.append(new_record("d")).await.unwrap();
    }
    assert_eq!(database.audit().await.entries, 4);
}

async fn job_of_an_erased_customer_makes_no_record(database: TestDatabase) {
    let store = database.open().await;
    let (record, other) = (job_record("c"), job_record("d"));
    store.enqueue(job(&record), MOST_WAITING).await.unwrap();
    store.enqueue(job(&other), MOST_WAITING).await.unwrap();
    store.next_job().await.unwrap().unwrap();
    let (explanations, jobs) = (0, 1);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(
        erased,
        Erased {
            explanations,
            jobs,
            transactions: 0
        }
    );
    assert!(matches!(
        store.append(record).await,
        Err(StoreError::JobGone)
    ));
    assert_eq!(state(&store, other.id).await, JobState::Queued);
    assert!(
        store.erase(other.id).await.unwrap(),
        "a job that waits can be erased by its id"
    );
    assert_eq!(database.audit().await.entries, 0);
}

async fn done_job_is_erased_with_its_explanation(database: TestDatabase) {
    let store = database.open().await;
    let record = job_record("c");
    let id = record.id;
    store.enqueue(job(&record), MOST_WAITING).await.unwrap();
    store.next_job().await.unwrap();
    store.append(record).await.unwrap();
    let (explanations, jobs) = (1, 0);
    let erased = store.erase_customer("c").await.unwrap();
    assert_eq!(
        erased,
        Erased {
            explanations,
            jobs,
            transactions: 0
        }
    );
    assert_eq!(store.job(id).await.unwrap(), None);
}

async fn jobs_of_one_caller_leave_places_for_others(database: TestDatabase) {
    let store = database.open().await;
    let half = |name| Some(JobCaller::new(name, Share::percent(50)));
    let queue = async |caller| {
        let job = NewJob {
            caller,
            ..job(&job_record("c"))
        };
        store.enqueue(job, MOST_WAITING).await
    };
    for _ in 0..MOST_WAITING / 2 {
        queue(half("greedy")).await.unwrap();
    }
    let refused = queue(half("greedy")).await;
    assert!(matches!(refused, Err(StoreError::ShareFull)));
    queue(half("modest")).await.unwrap();
    // One that is running waits no more.
    store.next_job().await.unwrap().unwrap();
    queue(half("greedy")).await.unwrap();
    for _ in 0..4 {
        queue(None).await.unwrap();
    }
    let refused = queue(None).await;
    assert!(matches!(refused, Err(StoreError::Busy)));
}

async fn jobs_that_are_queued_together_wait_all_or_none(database: TestDatabase) {
    let store = database.open().await;
    let limit = QueueLimit {
        jobs: 4,
        bytes: 100_000,
    };
    let of = |requests: &[usize], caller| {
        let jobs = requests.iter().map(|&bytes| NewJob {
            request: noise(bytes),
            caller,
            ..job(&job_record("c"))
        });
        jobs.collect::<Vec<_>>()
    };
    let third = Some(JobCaller::new("greedy", Share::percent(33)));
    let first = job(&job_record("c"));
    store.enqueue(first.clone(), limit).await.unwrap();
    let busy = |refused| matches!(refused, Err(StoreError::Busy));
    assert!(busy(store.enqueue_all(of(&[9; 4], None), limit).await));
    assert!(busy(store.enqueue_all(of(&[40_000; 3], None), limit).await));
    let refused = store.enqueue_all(of(&[9, 9], third), limit).await;
    assert!(matches!(refused, Err(StoreError::ShareFull)));
    let [good, other] = [job(&job_record("c")), job(&job_record("c"))];
    for taken in [&first, &good] {
        let jobs = vec![good.clone(), other.clone(), taken.clone()];
        let refused = store.enqueue_all(jobs, limit).await;
        assert!(matches!(refused, Err(StoreError::AlreadyRecorded)));
    }
    store.erase_customer("gone").await.unwrap();
    let mut jobs = of(&[9; 3], None);
    jobs[2].customer_id = new_record("gone").customer_id;
    let refused = store.enqueue_all(jobs, limit).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));

    // Of all these nothing waits.
    let last = of(&[9; 3], None);
    store.enqueue_all(last.clone(), limit).await.unwrap();
    for queued in [vec![first], last].concat() {
        assert_eq!(store.next_job().await.unwrap().unwrap().id, queued.id);
    }
    assert_eq!(store.next_job().await.unwrap(), None);
}

async fn refused_append_does_not_affect_its_batch(database: TestDatabase) {
    // A refusal does not undo the rest of its transaction.
    let store = database.open().await;
    let gone = job_record("c");
    let (kept, other) = (new_record("c"), new_record("c"));
    let outcomes = futures_util::future::join3(
        store.append(kept.clone()),
        store.append(gone),
        store.append(other.clone()),
    )
    .await;
    assert!(outcomes.0.is_ok() && outcomes.2.is_ok());
    assert!(matches!(outcomes.1, Err(StoreError::JobGone)));
    let anonymous = NewJob {
        request: Vec::new(),
        ..new_job()
    };
    store
        .enqueue(anonymous.clone(), MOST_WAITING)
        .await
        .unwrap();
    assert_eq!(store.next_job().await.unwrap().unwrap().id, anonymous.id);
    assert!(database.audit().await.whole);
}

on_each_database! {
    appended_job_is_done,
    running_job_is_not_taken_before_its_lease_ends,
    lease_that_ends_too_late_to_be_real_is_taken_over,
    restarted_server_requeues_its_own_jobs,
    many_servers_start_each_job_once,
    job_that_is_put_back_keeps_its_order_and_counts_attempts,
    failed_job_keeps_its_problem_and_no_request,
    full_job_queue_refuses_with_busy,
    jobs_of_one_caller_leave_places_for_others,
    jobs_that_are_queued_together_wait_all_or_none,
    bytes_of_waiting_jobs_are_limited,
    request_that_is_not_compressed_is_read_as_it_is,
    job_of_an_erased_customer_makes_no_record,
    done_job_is_erased_with_its_explanation,
    refused_append_does_not_affect_its_batch,
}
