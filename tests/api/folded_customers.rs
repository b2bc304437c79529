//! Customers whose older transactions are no longer kept one by one: their scorings are those of the whole history.

use serde_json::{Value, json};
use tempfile::TempDir;

use test_support::client::{ApiClient, problem};
use test_support::described_model::DescribedModel;
use test_support::histories::{history, with_customer};
use test_support::ndjson::ndjson_request;
use test_support::on_each_database;
use test_support::server::Server;
use test_support::store::TestStore;
use test_support::wait::eventually;

const PATH: &str = "/v1/customers/c-1";
const APPEND: &str = "/v1/customers/c-1/transactions";

/// The setting; all transactions of these tests are older.
const SHORT: [&str; 2] = ["--keep-transactions", "30"];

/// Transactions of two years in the order of time; some are at the same moment.
fn transactions(count: usize) -> Vec<Value> {
    let classes = ["groceries", "restaurants", "rent", "telephone"];
    let of = |number: usize| {
        let day = number / 3 * 2;
        let cents = 500 + number * 37 % 9_000;
        json!({
            "id": format!("t-{number}"),
            "timestamp": format!("{}-{:02}-{:02}T{:02}:00:00Z", 2019 + day / 336, 1 + day / 28 % 12, 1 + day % 28, number % 3 / 2),
            "amount": -(f64::from(u32::try_from(cents).unwrap()) / 100.0),
            "class": classes[number * 5 % 4],
        })
    };
    (0..count).map(of).collect()
}

async fn append(server: &ApiClient, transactions: &[Value]) -> Value {
    server.ask(APPEND, &history(transactions), 200).await
}

async fn scored(server: &ApiClient, transactions: &[Value]) -> Value {
    let history = with_customer("c-1", history(transactions));
    server.ask("/v1/score", &history, 200).await
}

/// Waits until no transaction is kept by itself, and gives how many are folded.
async fn await_folded(server: &ApiClient) -> Value {
    eventually("all transactions are folded", async || {
        let customer = server.get_json(PATH).await;
        (customer["transactions"] == 0).then(|| customer["folded"].clone())
    })
    .await
}

/// Compares the scoring with that of the whole history; without a window the trajectory of what is folded is gone.
async fn expect_whole(server: &ApiClient, all: &[Value], is_unlimited: bool, what: &str) {
    let customer = server.get_json(PATH).await;
    let (scoring, whole) = (&customer["scoring"], scored(server, all).await);
    for member in ["features", "traits", "segment", "quality"] {
        assert_eq!(scoring[member], whole[member], "{what}: {customer:.300}");
    }
    if !is_unlimited {
        assert_eq!(*scoring, whole, "{what}");
    }
}

#[tokio::test]
async fn folded_customers_of_every_kind_of_model_are_scored_as_their_whole_history() {
    let folder = TempDir::new().unwrap();
    for (network, is_unlimited) in [
        ("monthly-lstm", false),
        ("event-gru", false),
        ("event-lstm-2", false),
        ("event-gru", true),
        ("event-lstm-2", true),
    ] {
        let what = format!("{network}, without a window: {is_unlimited}");
        let folder = folder.path().join(format!("{network}-{is_unlimited}"));
        let model = DescribedModel::build(&folder, network, |description| {
            if is_unlimited {
                description["sequence"]["window"] = json!("all");
            }
        });
        let stored = TestStore::sqlite();
        let url = stored.url();
        let start = |more: &[&str]| {
            Server::start_on(&model.models(), &[&["--store", &*url], more].concat())
        };
        let mut all = transactions(651);
        let server = start(&[]);
        append(&server, &all[..402]).await;
        server.kill();
        let server = start(&SHORT);
        assert_eq!(await_folded(&server).await, 402, "{what}");
        append(&server, &all[402..430]).await;
        append(&server, &all[430..603]).await;
        expect_whole(&server, &all[..603], is_unlimited, &what).await;
        server.kill();

        // What was folded is folded once more.
        let server = start(&SHORT);
        assert_eq!(await_folded(&server).await, 603, "{what}");
        append(&server, &all[603..]).await;
        expect_whole(&server, &all, is_unlimited, &what).await;

        let late = json!({"id": "late", "timestamp": "2019-06-05T12:30:00Z", "amount": -77.7, "class": "rent"});
        let kept = append(&server, std::slice::from_ref(&late)).await;
        if is_unlimited {
            assert_eq!(
                (&kept["late"], &kept["added"]),
                (&json!(1), &json!(0)),
                "{what}"
            );
            assert_eq!(kept["approximate_since"], "2019-06-05T12:30:00Z");
            // Sent again it is known.
            let again = append(&server, &[late]).await;
            assert_eq!((again.get("late"), &again["duplicates"]), (None, &json!(1)));
            let customer = server.get_json(PATH).await;
            assert_eq!(customer["approximate_since"], "2019-06-05T12:30:00Z");
            assert_eq!(customer["late"], 1);
        } else {
            assert_eq!(
                (kept.get("late"), &kept["added"]),
                (None, &json!(1)),
                "{what}"
            );
            all.push(late);
        }
        expect_whole(&server, &all, is_unlimited, &what).await;
        server.end();
    }
}

async fn old_ids_are_refused_by_name_and_everything_can_be_erased(stored: TestStore) {
    let all = transactions(60);
    let server = stored.start(&[]);
    append(&server, &all).await;
    server.kill();
    let server = stored.start(&SHORT);
    assert_eq!(await_folded(&server).await, 60);

    let mut corrected = all[7].clone();
    corrected["amount"] = json!(-1.25);
    let new = json!({"id": "n", "timestamp": "2020-03-01", "amount": -9.0, "class": "rent"});
    for old in [&all[7], &corrected] {
        let body = history(&[new.clone(), old.clone()]);
        let refused = problem(server.post(APPEND, body.to_string()).await, 422).await;
        assert_eq!(refused["errors"][0]["pointer"], "/transactions/1/id");
    }
    let lines = [&all[3], &new, &corrected].map(Value::to_string).join("\n");
    for key in ["k", "k"] {
        let request = ndjson_request(&server, APPEND, lines.clone());
        let request = request.header("idempotency-key", key);
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answers: Vec<Value> = answer
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(answers.len(), 3, "{answer}");
        for place in [0, 2] {
            assert_eq!(answers[place]["errors"][0]["pointer"], "/id", "{answer}");
        }
        assert_eq!(
            (&answers[1]["id"], &answers[1]["position"]),
            (&json!("n"), &json!(2))
        );
    }
    let whole = [all, vec![new]].concat();
    expect_whole(&server, &whole, false, "reference model").await;

    // What is handed over, explained and shown goes on from the fold too.
    let held = server.get_json(APPEND).await;
    assert_eq!(held["transactions"].as_array().unwrap().len(), 1);
    let customer = server.get_json(PATH).await;
    assert_eq!(
        server.ask("/v1/score", &held, 200).await,
        customer["scoring"]
    );
    let options = json!({"samples": 64, "target": "openness"});
    server.ask("/v1/customers/c-1/explain", &options, 201).await;
    assert_eq!(server.get("/customers/c-1").await.status(), 200);

    server.delete(PATH).await;
    assert_eq!(
        stored
            .count("SELECT count(*) FROM folded_transactions")
            .await,
        0
    );
    assert_eq!(stored.count("SELECT count(*) FROM customers").await, 0);
    let anew = append(&server, &transactions(3)).await;
    assert_eq!((&anew["added"], &anew["position"]), (&json!(3), &json!(1)));
}

on_each_database! {
    old_ids_are_refused_by_name_and_everything_can_be_erased,
}
