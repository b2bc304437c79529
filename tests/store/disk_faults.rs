//! Tests of a disk that fails: each write, sync and creation of a store's files fails once, or the power is cut at it.

use std::collections::BTreeSet;
use std::process::Output;

use microseg::store::{NewJob, NewRecord, Store, StoreError};
use test_support::faults::{Fault, FaultyDisk, calls};
use uuid::Uuid;

use crate::support::{TestDatabase, new_job, new_record};

const URL: &str = "STORE_ON_A_FAULTY_DISK";

/// Every so many calls fail, in a test that is to take seconds. A transaction makes a number of calls that it does not
/// divide: in some transaction each of them fails.
const STEP: usize = 5;

/// The child process: uses a store, and prints what was acknowledged. After an error it asks once more, as a client does.
#[tokio::test]
#[ignore = "run by the tests below, with faults"]
async fn uses_a_store() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let store = match Store::open(&url).await {
        Ok(store) => store,
        Err(_) => Store::open(&url).await.unwrap(),
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let record = new_record("c");
        ids.push(record.id);
        keep(&store, &record).await;
    }
    let of_job = NewRecord {
        of_job: true,
        ..new_record("c")
    };
    let job = NewJob {
        id: of_job.id,
        customer_id: of_job.customer_id.clone(),
        request: vec![7; 3_000],
        ..new_job()
    };
    if matches!(
        store.enqueue(job.clone(), 10).await,
        Err(StoreError::Database { .. })
    ) {
        let _ = store.enqueue(job, 10).await;
    }
    if let Ok(Some(_)) = store.next_job().await {
        keep(&store, &of_job).await;
    }
    println!("asked to erase {}", ids[0]);
    if let Ok(true) = store.erase(ids[0]).await {
        println!("erased {}", ids[0]);
    }
    let other = new_record("d");
    keep(&store, &other).await;
    println!("asked to erase {}", other.id);
    if store.erase_customer("d").await.is_ok() {
        println!("erased {}", other.id);
    }
    store.close().await;
    println!("ended");
}

async fn keep(store: &Store, record: &NewRecord) {
    for _ in 0..2 {
        match store.append(record.clone()).await {
            // After a fault of the commit it may be there already.
            Ok(_) | Err(StoreError::AlreadyRecorded) => {
                println!("kept {}", record.id);
                return;
            }
            Err(_) => {}
        }
    }
}

fn run(disk: &FaultyDisk, database: &TestDatabase, fault: Fault, at: usize) -> Output {
    let mut command = disk.process("disk_faults::uses_a_store", fault, at);
    command.env(URL, database.url()).output().unwrap()
}

/// Checks that what was acknowledged is there, and what was erased is not.
async fn check(database: &TestDatabase, output: &Output, what: &str) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let ids_after = |word: &str| -> BTreeSet<Uuid> {
        let lines = text.lines();
        lines
            .filter_map(|line| Uuid::parse_str(line.split_once(word)?.1).ok())
            .collect()
    };
    let (kept, erased) = (ids_after("kept "), ids_after("erased "));
    let asked = ids_after("asked to erase ");
    let store = Store::open(&database.url()).await;
    let store = store.unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    let audit = store.audit(None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{what}: {audit:?}\n{text}");
    for id in &kept {
        let is_there = store.document(*id).await.unwrap().is_some();
        assert!(
            is_there || asked.contains(id),
            "{what}: {id} is lost\n{text}"
        );
        assert!(
            !is_there || !erased.contains(id),
            "{what}: {id} is back\n{text}"
        );
    }
    // It goes on.
    store.append(new_record("e")).await.unwrap();
    store.close().await;
}

/// Lets every call, or every few calls, fail in turn, each on a copy of a new database.
async fn each_call(fault: Fault, step: usize) {
    let disk = FaultyDisk::of("/records.db");
    let new = TestDatabase::sqlite();
    new.open().await.close().await;
    let copy = || {
        let database = TestDatabase::sqlite();
        let file = "records.db";
        std::fs::copy(new.folder().join(file), database.folder().join(file)).unwrap();
        database
    };
    let whole = run(&disk, &copy(), fault, 0);
    assert!(whole.status.success(), "{whole:?}");
    let total = calls(&whole);
    assert!(total > 50, "{total} calls");
    for at in (1..=total).step_by(step) {
        let database = copy();
        let output = run(&disk, &database, fault, at);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            fault == Fault::Cut || text.contains("ended"),
            "{fault:?} at {at}: {output:?}"
        );
        check(&database, &output, &format!("{fault:?} at {at}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn call_that_fails_loses_nothing_that_was_acknowledged() {
    each_call(Fault::Fails, STEP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_loses_nothing_that_was_acknowledged() {
    each_call(Fault::Cut, STEP).await;
}

/// Every call of the same use.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes; STEP covers the same kinds of calls"]
async fn each_call_that_fails_and_each_power_cut_loses_nothing() {
    each_call(Fault::Fails, 1).await;
    each_call(Fault::Cut, 1).await;
}
