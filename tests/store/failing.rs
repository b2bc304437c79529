//! Operations that fail, and a file that is taken away.

use futures_util::future::join_all;
use microseg::store::{Store, StoreError};

use crate::records::{Place, draft, on_each_database};

async fn an_operation_that_fails_takes_no_neighbour_with_it(place: Place) {
    let store = place.open().await;
    let forbidding = match place {
        Place::Sqlite(_) => {
            "CREATE TRIGGER refuse BEFORE INSERT ON contents WHEN NEW.customer_id = 'bad' \
             BEGIN SELECT RAISE(ABORT, 'somebody forbids it'); END"
        }
        Place::Postgres(_) => {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'somebody forbids it'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON contents FOR EACH ROW \
             WHEN (NEW.customer_id = 'bad') EXECUTE FUNCTION refuse()"
        }
    };
    place.execute(forbidding).await;
    let customers = (0..300).map(|number| if number % 100 == 50 { "bad" } else { "good" });
    let outcomes = join_all(customers.clone().map(|name| store.append(draft(name)))).await;
    for (name, outcome) in customers.zip(outcomes) {
        match outcome {
            Ok(_) => assert_eq!(name, "good"),
            Err(error) => {
                assert_eq!(name, "bad");
                assert!(error.to_string().contains("forbids"), "{error}");
            }
        }
    }
    let audit = place.audit().await;
    assert!(audit.whole, "{audit:?}");
    assert_eq!(audit.entries, 297);
}

async fn expect_replaced(store: &Store) {
    for _ in 0..2 {
        let error = store.append(draft("c")).await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
        assert!(error.to_string().contains("records.db"), "{error}");
        let error = store.erase_customer("c").await.unwrap_err();
        assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_into_a_file_that_is_gone() {
    let place = Place::sqlite();
    let file = place.folder().join("records.db");
    let store = place.open().await;
    store.append(draft("c")).await.unwrap();
    let moved = place.folder().join("moved.db");
    std::fs::rename(&file, &moved).unwrap();
    expect_replaced(&store).await;
    // Another file of that name is another database.
    std::fs::copy(&moved, &file).unwrap();
    expect_replaced(&store).await;

    std::fs::rename(&moved, &file).unwrap();
    store.append(draft("c")).await.unwrap();
    assert_eq!(place.audit().await.entries, 2);
}

on_each_database! {
    an_operation_that_fails_takes_no_neighbour_with_it,
}
