//! Tests of keys of requests: claims, and what ends them.

use std::time::Duration;

use microseg::store::{Claim, KeyedRequest, Store};
use uuid::Uuid;

use crate::support::{TestDatabase, new_record, on_each_database};

const KEPT: Duration = Duration::from_hours(1);

fn keyed(key: &str, body: &str) -> KeyedRequest {
    let customer_id = Some("c".to_owned());
    KeyedRequest::new(key, [body.as_bytes()], Uuid::now_v7(), customer_id, KEPT)
}

async fn granted(store: &Store, request: KeyedRequest) -> Uuid {
    match store.claim(request).await.unwrap() {
        Claim::Granted(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn claim_of_a_server_that_has_ended_is_taken_over_with_its_id(database: TestDatabase) {
    let (first, second) = (database.open().await, database.open().await);
    let id = granted(&first, keyed("k", "body")).await;
    let under_way = second.claim(keyed("k", "body")).await.unwrap();
    assert_eq!(under_way, Claim::UnderWay);
    database
        .execute("UPDATE idempotency SET held_until = 1")
        .await;
    // The server goes on after all: it holds its claim again.
    first.renew_claim(id).await.unwrap();
    let under_way = second.claim(keyed("k", "body")).await.unwrap();
    assert_eq!(under_way, Claim::UnderWay);
    database
        .execute("UPDATE idempotency SET held_until = 1")
        .await;
    assert_eq!(granted(&second, keyed("k", "body")).await, id);
    let mut record = new_record("c");
    let document = String::from_utf8(record.document).unwrap();
    record.document = document
        .replace(&record.id.to_string(), &id.to_string())
        .into_bytes();
    record.id = id;
    second.append(record).await.unwrap();
    for store in [&first, &second] {
        // What was recorded keeps its key, also when it is released late.
        store.release_claim(id).await.unwrap();
        let recorded = store.claim(keyed("k", "body")).await.unwrap();
        assert_eq!(recorded, Claim::Recorded(id));
        let other = store.claim(keyed("k", "other")).await.unwrap();
        assert_eq!(other, Claim::OfAnother);
    }
}

async fn released_and_expired_keys_are_free(database: TestDatabase) {
    let store = database.open().await;
    let first = granted(&store, keyed("k", "body")).await;
    store.release_claim(first).await.unwrap();
    let second = granted(&store, keyed("k", "other")).await;
    assert_ne!(first, second);
    database
        .execute("UPDATE idempotency SET created_at = 1")
        .await;
    assert_ne!(granted(&store, keyed("k", "third")).await, second);
}

async fn claim_of_an_erased_customer_is_forgotten(database: TestDatabase) {
    let store = database.open().await;
    let first = granted(&store, keyed("k", "body")).await;
    let north = store.of(&"north".parse().unwrap());
    let of_north = granted(&north, keyed("k", "body")).await;
    store.erase_customer("c").await.unwrap();
    assert_ne!(granted(&store, keyed("k", "body")).await, first);
    let under_way = north.claim(keyed("k", "body")).await.unwrap();
    assert_eq!(under_way, Claim::UnderWay);
    north.release_claim(of_north).await.unwrap();
}

on_each_database! {
    claim_of_a_server_that_has_ended_is_taken_over_with_its_id,
    released_and_expired_keys_are_free,
    claim_of_an_erased_customer_is_forgotten,
}
