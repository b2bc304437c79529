//! Tests of keys of requests: claims, and what ends them.

use std::time::Duration;

use jiff::Timestamp;
use microseg::store::{Added, Claim, KeyedRequest, NewTransactions, Store, StoreError};
use uuid::Uuid;

use crate::support::{TestDatabase, new_record, new_transactions, on_each_database};

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

/// A request that keeps one transaction, under a key.
async fn append(store: &Store, key: &str, document: &str) -> Result<Added, StoreError> {
    let new = NewTransactions {
        keyed: Some(keyed(key, document)),
        admitted: store.admit().await?,
        ..new_transactions("c", &[("t", document)])
    };
    store.add_transactions(new).await
}

async fn append_under_a_key_is_done_once_until_the_key_expires(database: TestDatabase) {
    let (first, second) = (database.open().await, database.open().await);
    let done = append(&first, "k", "1").await.unwrap();
    assert_eq!((done.added, done.position, done.is_replayed), (1, 1, false));
    let corrected = append(&first, "l", "2").await.unwrap();
    assert_eq!((corrected.corrected, corrected.position), (1, 2));
    for store in [&first, &second] {
        let again = append(store, "k", "1").await.unwrap();
        let is_replayed = true;
        assert_eq!(
            again,
            Added {
                is_replayed,
                ..done
            }
        );
        let other = append(store, "k", "3").await;
        assert!(matches!(other, Err(StoreError::KeyReused)), "{other:?}");
        // An explanation and transactions have no key in common.
        let claimed = store.claim(keyed("k", "explain")).await.unwrap();
        assert_eq!(claimed, Claim::OfAnother);
    }
    // Expired, it is free before anything has deleted it.
    database
        .execute("UPDATE idempotency SET created_at = 1")
        .await;
    let anew = append(&second, "k", "3").await.unwrap();
    assert_eq!((anew.corrected, anew.position), (1, 3));
    let keys = "SELECT count(*) FROM idempotency";
    assert_eq!(database.values::<i64>(keys).await, [2]);
    first
        .expire_keys(Timestamp::from_second(1).unwrap())
        .await
        .unwrap();
    assert_eq!(database.values::<i64>(keys).await, [1]);
}

async fn refused_append_leaves_its_key_free(database: TestDatabase) {
    let store = database.open().await;
    append(&store, "k", "1").await.unwrap();
    let other = NewTransactions {
        settings: "{\"time_zone\":\"Europe/Prague\"}".to_owned(),
        keyed: Some(keyed("l", "2")),
        ..new_transactions("c", &[("u", "2")])
    };
    let refused = store.add_transactions(other).await;
    assert!(matches!(refused, Err(StoreError::OtherSettings)));
    let done = append(&store, "l", "3").await.unwrap();
    assert!(!done.is_replayed);
    let before = store.admit().await.unwrap();
    store.erase_customer("c").await.unwrap();
    assert_eq!(
        database
            .values::<i64>("SELECT count(*) FROM idempotency")
            .await,
        [0]
    );
    let late = NewTransactions {
        keyed: Some(keyed("k", "1")),
        admitted: before,
        ..new_transactions("c", &[("t", "1")])
    };
    let refused = store.add_transactions(late).await;
    assert!(matches!(refused, Err(StoreError::ErasedMeanwhile)));
    let anew = append(&store, "k", "1").await.unwrap();
    assert_eq!((anew.added, anew.position, anew.is_replayed), (1, 1, false));
}

on_each_database! {
    append_under_a_key_is_done_once_until_the_key_expires,
    refused_append_leaves_its_key_free,
    claim_of_a_server_that_has_ended_is_taken_over_with_its_id,
    released_and_expired_keys_are_free,
    claim_of_an_erased_customer_is_forgotten,
}
