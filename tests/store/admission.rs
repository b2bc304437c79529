//! Explanations that are under way while their customer is erased.

use futures_util::future::{join, join_all};
use microseg::store::{Admission, Draft, NewJob, Store, StoreError};

use crate::records::{Place, draft, on_each_database};

fn admitted(customer_id: &str, admitted: Admission) -> Draft {
    Draft {
        admitted,
        ..draft(customer_id)
    }
}

async fn listed(store: &Store, customer_id: &str) -> usize {
    let page = store.list(customer_id, None, 100).await.unwrap();
    page.documents.len()
}

async fn what_is_under_way_when_its_customer_is_erased_is_not_recorded(place: Place) {
    let store = place.open().await;
    let before = store.admit().await.unwrap();
    // Some of them come before the erasure, some after it: none is left either way.
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

async fn a_customer_without_records_can_be_erased_under_way_too(place: Place) {
    let store = place.open().await;
    let before = store.admit().await.unwrap();
    store.erase_customer("c").await.unwrap();
    let draft = admitted("c", before);
    let job = NewJob {
        id: draft.id,
        customer_id: draft.customer_id.clone(),
        request: Vec::new(),
        admitted: before,
    };
    let refused = store.append(draft).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    let refused = store.enqueue(job.clone(), 1).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));

    // Who asks again is another matter, though nothing was added to the chain meanwhile.
    let after = store.admit().await.unwrap();
    let job = NewJob {
        admitted: after,
        ..job
    };
    store.enqueue(job, 1).await.unwrap();
    let running = store.next_job().await.unwrap().unwrap();
    assert_eq!(running.admitted, after);
}

async fn erasures_are_remembered_for_a_day(place: Place) {
    let store = place.open().await;
    store.erase_customer("c").await.unwrap();
    store.erase_customer("c").await.unwrap();
    let before = store.admit().await.unwrap();
    place
        .execute("UPDATE customer_erasures SET erased_at = erased_at - 86400001")
        .await;
    store.erase_customer("d").await.unwrap();
    let remembered = place.values::<i64>("SELECT count(*) FROM customer_erasures");
    assert_eq!(remembered.await, [1]);
    // The numbers go on.
    let refused = store.append(admitted("d", before)).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    store.append(admitted("c", before)).await.unwrap();
}

on_each_database! {
    what_is_under_way_when_its_customer_is_erased_is_not_recorded,
    a_customer_without_records_can_be_erased_under_way_too,
    erasures_are_remembered_for_a_day,
}
