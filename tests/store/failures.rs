//! Tests of failed operations and of a replaced file.

use futures_util::future::join_all;
use microseg::store::{Store, StoreError};

use crate::support::{TestDatabase, new_record, on_each_database};

async fn failed_operation_does_not_affect_its_batch(database: TestDatabase) {
    let store = database.open().await;
    let forbidding = match database {
        TestDatabase::Sqlite(_) => {
            "CREATE TRIGGER refuse BEFORE INSERT ON contents WHEN NEW.customer_id = 'bad' \
             BEGIN SELECT RAISE(ABORT, 'the trigger forbids it'); END"
        }
        TestDatabase::Postgres(_) => {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the trigger forbids it'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON contents FOR EACH ROW \
             WHEN (NEW.customer_id = 'bad') EXECUTE FUNCTION refuse()"
        }
    };
    database.execute(forbidding).await;
    let customers = (0..300).map(|number| if number % 100 == 50 { "bad" } else { "good" });
    let outcomes = join_all(customers.clone().map(|name| store.append(new_record(name)))).await;
    for (name, outcome) in customers.zip(outcomes) {
        match outcome {
            Ok(_) => assert_eq!(name, "good"),
            Err(error) => {
                assert_eq!(name, "bad");
                assert!(error.to_string().contains("forbids"), "{error}");
            }
        }
    }
    let audit = database.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 297);
}

async fn expect_replaced(store: &Store) {
    for _ in 0..2 {
        let error = store.append(new_record("c")).await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
        assert!(error.to_string().contains("records.db"), "{error}");
        let error = store.erase_customer("c").await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    }
}

#[tokio::test]
async fn replaced_file_refuses_every_write() {
    let database = TestDatabase::sqlite();
    let file = database.folder().join("records.db");
    let store = database.open().await;
    store.append(new_record("c")).await.unwrap();
    let moved = database.folder().join("moved.db");
    std::fs::rename(&file, &moved).unwrap();
    expect_replaced(&store).await;
    // Another file of that name is another database.
    std::fs::copy(&moved, &file).unwrap();
    expect_replaced(&store).await;

    std::fs::rename(&moved, &file).unwrap();
    store.append(new_record("c")).await.unwrap();
    assert_eq!(database.audit().await.entries, 2);
}

on_each_database! {
    failed_operation_does_not_affect_its_batch,
}
