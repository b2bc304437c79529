//! Tests of requests whose customer is erased after their admission.

use futures_util::future::{join, join_all};
use microseg::store::{AdmittedAt, NewJob, NewRecord, Store, StoreError};

use crate::support::{TestDatabase, new_job, new_record, on_each_database};

fn admitted(customer_id: &str, admitted: AdmittedAt) -> NewRecord {
    NewRecord {
        admitted,
        ..new_record(customer_id)
    }
}

async fn listed(store: &Store, customer_id: &str) -> usize {
    let page = store.list(customer_id, None, 100).await.unwrap();
    page.records.len()
}

async fn append_during_an_erasure_is_erased_or_refused(database: TestDatabase) {
    let store = database.open().await;
    let before = store.admit().await.unwrap();
    // Some are appended before the erasure, some after it: none remains in either case.
    let explaining = join_all((0..40).map(async |number| {
        for _ in 0..number {
            tokio::task::yield_now().await;
        }
        store.append(admitted("c", before)).await
    }));
    let (outcomes, erased) = join(explaining, store.erase_customer("c")).await;
    let refused = |outcome: &&Result<_, _>| matches!(outcome, Err(StoreError::ErasedMeanwhile));
    let refused = outcomes.iter().filter(refused).count() as u64;
    assert_eq!(erased.unwrap().explanations + refused, 40);
    assert_eq!(listed(&store, "c").await, 0);

    store.append(admitted("d", before)).await.unwrap();
    let after = store.admit().await.unwrap();
    store.append(admitted("c", after)).await.unwrap();
    assert_eq!(listed(&store, "c").await, 1);
}

async fn request_before_an_erasure_is_refused_without_records_too(database: TestDatabase) {
    let store = database.open().await;
    let before = store.admit().await.unwrap();
    store.erase_customer("c").await.unwrap();
    let record = admitted("c", before);
    let job = NewJob {
        id: record.id,
        customer_id: record.customer_id.clone(),
        request: Vec::new(),
        admitted: before,
        ..new_job()
    };
    let refused = store.append(record).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    let refused = store.enqueue(job.clone(), 1).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));

    // A later request is accepted, although nothing was added to the chain meanwhile.
    let after = store.admit().await.unwrap();
    let job = NewJob {
        admitted: after,
        ..job
    };
    store.enqueue(job, 1).await.unwrap();
    let running = store.next_job().await.unwrap().unwrap();
    assert_eq!(running.admitted, after);
}

async fn erasure_is_noted_for_a_day(database: TestDatabase) {
    let store = database.open().await;
    store.erase_customer("c").await.unwrap();
    store.erase_customer("c").await.unwrap();
    let before = store.admit().await.unwrap();
    database
        .execute("UPDATE customer_erasures SET erased_at = erased_at - 86400001")
        .await;
    store.erase_customer("d").await.unwrap();
    let remembered = database.values::<i64>("SELECT count(*) FROM customer_erasures");
    assert_eq!(remembered.await, [1]);
    // The numbers go on.
    let refused = store.append(admitted("d", before)).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    store.append(admitted("c", before)).await.unwrap();
}

async fn erasure_of_another_tenants_customer_refuses_nothing(database: TestDatabase) {
    let store = database.open().await;
    let tenants = ["north", "south"].map(|name| store.of(&name.parse().unwrap()));
    let [north, south] = &tenants;
    let before = store.admit().await.unwrap();
    south.erase_customer("c").await.unwrap();
    north.append(admitted("c", before)).await.unwrap();
    store.append(admitted("c", before)).await.unwrap();
    let refused = south.append(admitted("c", before)).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    assert_eq!(listed(north, "c").await, 1);
    assert_eq!(listed(&store, "c").await, 1);
    assert_eq!(south.erase_customer("c").await.unwrap().explanations, 0);
    assert!(database.audit().await.whole);
}

on_each_database! {
    erasure_of_another_tenants_customer_refuses_nothing,
    append_during_an_erasure_is_erased_or_refused,
    request_before_an_erasure_is_refused_without_records_too,
    erasure_is_noted_for_a_day,
}
