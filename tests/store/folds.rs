//! Tests of folds: old transactions leave the store, and their ids are known.

use futures_util::future::join;
use microseg::store::{Added, Fold, KeptCustomer, NewFold, NewTransactions, Store, StoreError};

use crate::support::{TestDatabase, new_transactions, on_each_database};

/// Transactions of a customer by their ids, each with its moment.
fn at(customer_id: &str, transactions: &[(&str, i64)]) -> NewTransactions {
    let documents: Vec<String> = transactions
        .iter()
        .map(|(id, _)| format!("<{id}>"))
        .collect();
    let named = transactions.iter().zip(&documents);
    let named: Vec<(&str, &str)> = named
        .map(|((id, _), document)| (*id, &**document))
        .collect();
    let mut new = new_transactions(customer_id, &named);
    for (one, (_, moment)) in new.transactions.iter_mut().zip(transactions) {
        one.moment = *moment;
    }
    new
}

async fn admitted_now(store: &Store, new: NewTransactions) -> NewTransactions {
    let admitted = store.admit().await.unwrap();
    NewTransactions { admitted, ..new }
}

async fn customer(store: &Store) -> KeptCustomer {
    store.customer("c").await.unwrap().unwrap()
}

fn new_fold(customer: &KeptCustomer, until: i64, settled_until: Option<i64>) -> NewFold {
    NewFold {
        fold: Some(Fold {
            document: format!("before {until}").into_bytes(),
            of: "model".to_owned(),
        }),
        position: customer.position,
        folded: customer.folded,
        until,
        settled_until,
    }
}

async fn fold_takes_the_place_of_older_transactions(database: TestDatabase) {
    let store = database.open().await;
    let all = at("c", &[("a", 10), ("b", 20), ("c", 30), ("é", 5)]);
    store.add_transactions(all.clone()).await.unwrap();
    let before = customer(&store).await;
    let old = store.transactions_before(&before, 20).await.unwrap();
    let ids: Vec<&str> = old.iter().map(|one| &*one.id).collect();
    assert_eq!(ids, ["é", "a"]);
    assert_eq!(
        store
            .fold(&before, new_fold(&before, 20, None))
            .await
            .unwrap(),
        2
    );
    let after = customer(&store).await;
    assert_eq!(
        (after.position, after.transactions, after.folded),
        (1, 2, 2)
    );
    assert_eq!(after.bytes, 6);
    let contents = store.contents_of(&after).await.unwrap().unwrap();
    assert_eq!(contents.fold.unwrap().document, b"before 20");
    assert_eq!(contents.documents, ["<b>", "<c>"]);
    assert!(
        store
            .aged_customers(jiff::Timestamp::from_millisecond(20).unwrap(), 0, 9)
            .await
            .unwrap()
            .is_empty()
    );

    // What is folded is refused by name, what is not is known.
    let refused = store.add_transactions(all.clone()).await;
    assert!(
        matches!(&refused, Err(StoreError::Folded { places }) if *places == [0, 3]),
        "{refused:?}"
    );
    let known = store
        .add_transactions(at("c", &[("b", 20), ("c", 30)]))
        .await
        .unwrap();
    assert_eq!((known.duplicates, known.position), (2, 1));
    // An earlier one with a new id can be put in its place, and folded with the rest.
    let late = store.add_transactions(at("c", &[("z", 1)])).await.unwrap();
    assert_eq!((late.added, late.late, late.position), (1, 0, 2));
    let now = customer(&store).await;
    assert_eq!(store.fold(&now, new_fold(&now, 99, None)).await.unwrap(), 3);
    let now = customer(&store).await;
    assert_eq!((now.transactions, now.bytes, now.folded), (0, 0, 5));
    let contents = store.contents_of(&now).await.unwrap().unwrap();
    assert!(contents.documents.is_empty());
    // Nothing of the old transactions is left, but digests.
    let left = database
        .values::<i64>("SELECT count(*) FROM kept_transactions")
        .await;
    assert_eq!(left, [0]);
    assert_eq!(store.erase_customer("c").await.unwrap().transactions, 0);
    assert_eq!(
        database
            .values::<i64>("SELECT count(*) FROM folded_transactions")
            .await,
        [0]
    );
    let anew = admitted_now(&store, all).await;
    assert_eq!(store.add_transactions(anew).await.unwrap().added, 4);
}

async fn late_transactions_are_counted_where_nothing_can_be_put_in_its_place(
    database: TestDatabase,
) {
    let store = database.open().await;
    store
        .add_transactions(at("c", &[("a", 10), ("b", 20), ("c", 30)]))
        .await
        .unwrap();
    let before = customer(&store).await;
    store
        .fold(&before, new_fold(&before, 25, Some(21)))
        .await
        .unwrap();
    let sent = at("c", &[("late", 12), ("later", 15), ("new", 21), ("c", 30)]);
    let added = store.add_transactions(sent.clone()).await.unwrap();
    let expected = Added {
        added: 1,
        duplicates: 1,
        position: 2,
        transactions: 2,
        late: 2,
        approximate_since: Some(12),
        ..Added::default()
    };
    assert_eq!(added, expected);
    // Sent again nothing is late any more: it is known.
    let again = store.add_transactions(sent).await.unwrap();
    assert_eq!((again.duplicates, again.late, again.position), (4, 0, 2));
    assert_eq!(again.approximate_since, Some(12));
    let older = store
        .add_transactions(at("c", &[("oldest", 2)]))
        .await
        .unwrap();
    assert_eq!(
        (older.late, older.approximate_since, older.position),
        (1, Some(2), 3)
    );
    let now = customer(&store).await;
    assert_eq!(
        (now.late, now.approximate_since, now.transactions),
        (3, Some(2), 2)
    );
    assert_eq!(store.count_approximate_customers().await.unwrap(), 1);
    // A correction cannot move what is kept to before that.
    let moved = at("c", &[("new", 12)]);
    let mut moved = moved;
    "moved".clone_into(&mut moved.transactions[0].document);
    let refused = store.add_transactions(moved).await;
    assert!(
        matches!(refused, Err(StoreError::Folded { .. })),
        "{refused:?}"
    );
}

async fn fold_of_an_earlier_position_is_not_taken(database: TestDatabase) {
    let stores = [database.open().await, database.open().await];
    let store = &stores[0];
    store.add_transactions(at("c", &[("a", 10)])).await.unwrap();
    let before = customer(store).await;
    store.add_transactions(at("c", &[("b", 5)])).await.unwrap();
    assert_eq!(
        store
            .fold(&before, new_fold(&before, 20, None))
            .await
            .unwrap(),
        0
    );
    assert_eq!(customer(store).await.transactions, 2);
    // Two servers fold at once: once is enough.
    let now = customer(store).await;
    let fold = |store: &Store| {
        let (store, now) = (store.clone(), now.clone());
        async move { store.fold(&now, new_fold(&now, 20, None)).await.unwrap() }
    };
    let (one, other) = join(fold(&stores[0]), fold(&stores[1])).await;
    assert_eq!(one + other, 2);
    // The slower one had looked before the faster one folded: it does not take the place of what is folded since.
    assert_eq!(store.fold(&now, new_fold(&now, 99, None)).await.unwrap(), 0);
    let contents = store.contents_of(&now).await.unwrap().unwrap();
    assert_eq!(contents.fold.unwrap().document, b"before 20");
    assert_eq!(customer(store).await.folded, 2);
    // Erased and begun anew, it is another customer.
    store.erase_customer("c").await.unwrap();
    for id in ["a", "b"] {
        let anew = admitted_now(store, at("c", &[(id, 10)])).await;
        store.add_transactions(anew).await.unwrap();
    }
    assert_eq!(store.fold(&now, new_fold(&now, 20, None)).await.unwrap(), 0);
}

on_each_database! {
    fold_takes_the_place_of_older_transactions,
    late_transactions_are_counted_where_nothing_can_be_put_in_its_place,
    fold_of_an_earlier_position_is_not_taken,
}
