//! Tests of several stores behind `PgBouncer` in transaction mode: every transaction may run in another session.

use futures_util::future::{join_all, try_join_all};
use microseg::store::{NewJob, Store};
use test_support::pooler::Pooler;

use crate::support::{TestDatabase, listed, new_job, new_record};

#[tokio::test(flavor = "multi_thread")]
async fn stores_behind_a_pooler_in_transaction_mode_work() {
    let database = TestDatabase::postgres();
    let pooler = Pooler::in_front_of(&database.url());
    let url = pooler.url(&database.url());
    // Several open it at once, and again when its tables exist.
    for _ in 0..2 {
        let stores = try_join_all((0..4).map(|_| Store::open(&url)));
        join_all(stores.await.unwrap().iter().map(Store::close)).await;
    }
    let stores = try_join_all((0..4).map(|_| Store::open(&url)))
        .await
        .unwrap();
    let working = (0..80).map(async |number: usize| {
        let store = &stores[number % stores.len()];
        let customer_id = format!("c{}", number % 7);
        store.admit().await.unwrap();
        let record = new_record(&customer_id);
        let id = record.id;
        let sealed = store.append(record).await.unwrap();
        let other = &stores[(number + 1) % stores.len()];
        assert_eq!(other.document(id).await.unwrap(), Some(sealed));
        let page = other.list(&customer_id, None, 100).await.unwrap();
        assert!(listed(&page).contains(&id));
        let job = NewJob {
            request: number.to_string().into_bytes(),
            ..new_job()
        };
        store.enqueue(job, 100).await.unwrap();
        let job = other.next_job().await.unwrap().unwrap();
        assert!(other.renew_lease(job.id).await.unwrap());
        other.fail_job(job.id, b"{}").await.unwrap();
        if number % 10 == 9 {
            assert!(store.erase(id).await.unwrap());
        }
    });
    join_all(working).await;
    let audit = stores[0].audit(None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    assert_eq!((audit.explanations, audit.erased), (80, 8));
    let audit = microseg::store::audit(&url, None, |_, _| ()).await.unwrap();
    assert!(audit.whole, "{audit:?}");
    join_all(stores.iter().map(Store::close)).await;
}
