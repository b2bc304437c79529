//! Tests of kept customers that several requests and servers change at once.

use futures_util::FutureExt;
use futures_util::future::{join, join_all, try_join_all};
use jiff::Timestamp;
use microseg::store::{KeptScoring, NewTransactions, Store, StoreError};
use sqlx::Connection;
use test_support::wait::eventually;

use crate::cluster::connect;
use crate::support::{TestDatabase, new_record, new_transactions, on_each_database};

async fn add(store: &Store, customer_id: &str, id: &str) -> u64 {
    let new = new_transactions(customer_id, &[(id, "{}")]);
    store.add_transactions(new).await.unwrap().position
}

async fn servers_that_append_to_one_customer_lose_and_double_nothing(database: TestDatabase) {
    let stores = [database.open().await, database.open().await];
    // Each id comes twice, once to each server, beside those of other customers.
    let appends = (0..160).map(async |number| {
        let (store, id) = (&stores[number % 2], format!("t-{}", number / 2));
        let documents = [(&*id, "{}"), ("common", "{}")];
        let new = new_transactions("c", &documents);
        let (added, _) = join(
            store.add_transactions(new),
            add(store, &format!("d-{number}"), "t"),
        )
        .await;
        added.unwrap()
    });
    let outcomes = join_all(appends).await;
    assert_eq!(outcomes.iter().map(|added| added.added).sum::<u64>(), 81);
    assert!(outcomes.iter().all(|added| added.corrected == 0));
    let changes = outcomes.iter().filter(|added| added.added > 0);
    let mut positions: Vec<u64> = changes.map(|added| added.position).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=80).collect::<Vec<_>>());
    let customer = stores[0].customer("c").await.unwrap().unwrap();
    assert_eq!((customer.position, customer.transactions), (80, 81));
    assert_eq!(customer.bytes, 2 * 81);
    let kept = stores[1].contents_of(&customer).await.unwrap().unwrap();
    assert_eq!((kept.position, kept.documents.len()), (80, 81));
}

async fn append_beside_an_erasure_is_erased_or_refused(database: TestDatabase) {
    let stores = [database.open().await, database.open().await];
    for _ in 0..5 {
        let admitted = stores[0].admit().await.unwrap();
        let appends = (0..40).map(async |number| {
            for _ in 0..number {
                tokio::task::yield_now().await;
            }
            let id = format!("t-{number}");
            let new = NewTransactions {
                admitted,
                ..new_transactions("c", &[(&*id, "{}")])
            };
            stores[number % 2].add_transactions(new).await
        });
        let (outcomes, erased) = join(join_all(appends), stores[0].erase_customer("c")).await;
        let refused = |outcome: &&Result<_, _>| matches!(outcome, Err(StoreError::ErasedMeanwhile));
        let refused = outcomes.iter().filter(refused).count() as u64;
        assert_eq!(erased.unwrap().transactions + refused, 40);
        assert_eq!(stores[1].customer("c").await.unwrap(), None);
        for table in ["kept_transactions", "customers", "customer_contents"] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(database.values::<i64>(&count).await, [0], "{table}");
        }
    }
}

async fn change_of_segment_that_two_servers_see_is_one_event(database: TestDatabase) {
    let stores = [database.open().await, database.open().await];
    add(&stores[0], "c", "t").await;
    let customer = stores[0].customer("c").await.unwrap().unwrap();
    let scoring = |segment: &str| KeptScoring {
        position: 1,
        model: "m".to_owned(),
        bundle_sha256: "0".to_owned(),
        segment: Some(segment.to_owned()),
        document: b"{}".to_vec(),
    };
    for number in 0..20 {
        let segment = number.to_string();
        let keeping = stores
            .iter()
            .map(|store| store.keep_scoring(&customer, scoring(&segment)));
        try_join_all(keeping).await.unwrap();
    }
    let changes = stores[1].segment_changes(&customer, 0, 100).await.unwrap();
    let told: Vec<_> = changes
        .iter()
        .filter_map(|change| change.to.clone())
        .collect();
    assert_eq!(
        told,
        (1..20).map(|number| number.to_string()).collect::<Vec<_>>()
    );
}

/// Makes the tables what they were before keys of appends, folds and erased customers.
const DOWNGRADE: &str = "DROP TABLE erased_customers; DROP INDEX customers_changed; \
    DROP INDEX customers_approximate; DROP TABLE folded_transactions; DROP INDEX customers_oldest; \
    ALTER TABLE customers DROP COLUMN oldest; ALTER TABLE customers DROP COLUMN folded; \
    ALTER TABLE customers DROP COLUMN folded_until; ALTER TABLE customers DROP COLUMN settled_until; \
    ALTER TABLE customers DROP COLUMN late; ALTER TABLE customers DROP COLUMN approximate_since; \
    ALTER TABLE customer_contents DROP COLUMN fold; ALTER TABLE customer_contents DROP COLUMN fold_of; \
    ALTER TABLE idempotency DROP COLUMN outcome";

async fn kept_customers_of_an_earlier_schema_are_upgraded(database: TestDatabase) {
    let store = database.open().await;
    let mut new = new_transactions("c", &[("a", "1"), ("b", "2"), ("c", "3")]);
    for (one, moment) in new.transactions.iter_mut().zip([500, 300, 400]) {
        one.moment = moment;
    }
    store.add_transactions(new).await.unwrap();
    add(&store, "d", "t").await;
    let before = store.customer("c").await.unwrap().unwrap();
    store.close().await;
    let customers = match database {
        TestDatabase::Sqlite(_) => 8,
        TestDatabase::Postgres(_) => 7,
    };
    database
        .execute(format!(
            "{DOWNGRADE}; DELETE FROM _sqlx_migrations WHERE version > {customers}"
        ))
        .await;

    let store = database.open().await;
    let after = store.customer("c").await.unwrap().unwrap();
    assert_eq!(after, before);
    let contents = store.contents_of(&after).await.unwrap().unwrap();
    assert_eq!(contents.documents, ["2", "3", "1"]);
    let aged = async |moment: i64| {
        let moment = Timestamp::from_millisecond(moment).unwrap();
        let aged = store.aged_customers(moment, 0, 10).await.unwrap();
        aged.into_iter()
            .map(|one| one.customer_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(aged(1).await, ["d"]);
    assert_eq!(aged(300).await, ["d"]);
    assert_eq!(aged(301).await, ["c", "d"]);
    assert_eq!(add(&store, "c", "e").await, 2);
}

on_each_database! {
    kept_customers_of_an_earlier_schema_are_upgraded,
    servers_that_append_to_one_customer_lose_and_double_nothing,
    append_beside_an_erasure_is_erased_or_refused,
    change_of_segment_that_two_servers_see_is_one_event,
}

/// Makes transactions with the id `slow` wait, in the middle of their append, for a lock that the test holds.
const STALL: &str = "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN PERFORM pg_advisory_xact_lock(4242); RETURN NEW; END $$; \
    CREATE TRIGGER stall BEFORE INSERT ON kept_transactions FOR EACH ROW \
    WHEN (NEW.id = 'slow') EXECUTE FUNCTION stall()";

/// Waits until a transaction waits for the test's lock.
async fn await_stalled(database: &TestDatabase, count: i64) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4242 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("an append is stalled", async || {
        (database.values::<i64>(waiting).await == [count]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_append_holds_up_its_own_customer_alone() {
    let database = TestDatabase::postgres();
    let stores = [database.open().await, database.open().await];
    database.execute(STALL).await;
    let mut holder = connect(&database.url()).await;
    let hold = sqlx::query("SELECT pg_advisory_lock(4242)");
    hold.execute(&mut holder).await.unwrap();

    // More stalled customers than one would guess to be in one batch, on one server.
    let (first, second) = (stores[0].clone(), stores[0].clone());
    let stalled = tokio::spawn(async move { add(&first, "c", "slow").await });
    await_stalled(&database, 1).await;
    let other_stalled = tokio::spawn(async move { add(&second, "d", "slow").await });
    await_stalled(&database, 2).await;
    let mut after = stores
        .each_ref()
        .map(|store| Box::pin(add(store, "c", "after")));
    for (number, store) in stores.iter().cycle().take(10).enumerate() {
        assert_eq!(add(store, &format!("other-{number}"), "t").await, 1);
        store.append(new_record("c")).await.unwrap();
        for append in &mut after {
            assert_eq!(
                append.now_or_never(),
                None,
                "it did not wait for its customer"
            );
        }
    }
    holder.close().await.unwrap();
    assert_eq!(stalled.await.unwrap(), 1);
    assert_eq!(other_stalled.await.unwrap(), 1);
    assert_eq!(join_all(after).await, [2, 2]);
    let customer = stores[0].customer("c").await.unwrap().unwrap();
    assert_eq!(customer.transactions, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_waits_for_the_append_that_it_erases() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    database.execute(STALL).await;
    let mut holder = connect(&database.url()).await;
    let hold = sqlx::query("SELECT pg_advisory_lock(4242)");
    hold.execute(&mut holder).await.unwrap();
    let (appending, erasing) = (store.clone(), store.clone());
    let stalled = tokio::spawn(async move { add(&appending, "c", "slow").await });
    await_stalled(&database, 1).await;
    let erased = tokio::spawn(async move { erasing.erase_customer("c").await.unwrap() });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid <> 4242 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("the erasure waits", async || {
        (database.values::<i64>(waiting).await == [1]).then_some(())
    })
    .await;
    holder.close().await.unwrap();
    assert_eq!(stalled.await.unwrap(), 1);
    assert_eq!(erased.await.unwrap().transactions, 1);
    assert_eq!(store.customer("c").await.unwrap(), None);
}
