//! KServe requests of many instances: their answers are bounded in memory, and explanations in number.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::histories::{example, history, transaction, with_options};
use test_support::memory::{peak_memory, resident_memory};
use test_support::server::Server;
use test_support::shared_server::shared_server;

const PREDICT: &str = "/v1/models/spending-personality:predict";
const EXPLAIN: &str = "/v1/models/spending-personality:explain";

/// A history of one to three years that differs by its number.
fn customer(number: usize) -> Value {
    let mut transactions = vec![transaction("2020-01-03", -10.0, "rent")];
    if number.is_multiple_of(2) {
        transactions.push(transaction("2019-03-01", -20.0, "restaurants"));
    }
    if number.is_multiple_of(3) {
        transactions.push(transaction("2018-05-01", -7.5, "rent"));
    }
    let mut customer = history(&transactions);
    customer["customer_id"] = format!("c-{number}").into();
    customer
}

#[tokio::test]
async fn predictions_of_many_instances_are_those_of_each_alone() {
    let server = shared_server();
    let customers: Vec<Value> = (0..700).map(customer).collect();
    let predicted = server
        .ask(PREDICT, &json!({"instances": customers}), 200)
        .await;
    let predictions = predicted["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), customers.len());
    for number in [0, 1, 2, 3, 127, 128, 129, 384, 699] {
        let alone = server.ask("/v1/score", &customers[number], 200).await;
        assert_eq!(predictions[number], alone, "{number}");
    }
    for (number, prediction) in predictions.iter().enumerate() {
        assert_eq!(prediction["customer_id"], format!("c-{number}"));
    }
}

#[tokio::test]
async fn bad_instance_among_many_refuses_the_request() {
    let server = shared_server();
    let mut customers: Vec<Value> = (0..300).map(customer).collect();
    customers[299]["transactions"][0]["amount"] = "much".into();
    let body = json!({"instances": customers}).to_string();
    let refused = problem(server.post(PREDICT, body).await, 422).await;
    assert_eq!(
        refused["errors"][0]["pointer"],
        "/instances/299/transactions/0/amount"
    );
}

#[tokio::test]
async fn predictions_are_written_as_they_are_computed() {
    let server = Server::start(&[]);
    let instance = r#"{"transactions":[{"timestamp":"2015-01-01","amount":-1,"mcc":5812},{"timestamp":"2020-01-01","amount":-1,"mcc":5812}]}"#;
    let body = format!(r#"{{"instances":[{}]}}"#, vec![instance; 20_000].join(","));
    let before = resident_memory(&server);
    let mut answer = server.post(PREDICT, body).await;
    assert_eq!(answer.status(), 200);
    let mut length = 0;
    let mut last = Vec::new();
    while let Some(part) = answer.chunk().await.unwrap() {
        length += part.len();
        last = part.to_vec();
    }
    assert!(last.ends_with(b"]}"));
    // The answer is some 50 MB, and what it is made of several times as much.
    assert!(length > 30_000_000, "{length}");
    let taken = peak_memory(&server) - before;
    assert!(taken < 60_000_000, "{taken} bytes");
}

#[tokio::test]
async fn explained_instances_take_a_place_each() {
    let server = Server::start(&["--explanation-threads", "1", "--explanation-queue", "5"]);
    let asked = with_options(example(), json!({"samples": 1024}));
    let instances = |count: usize| json!({"instances": vec![&asked; count]}).to_string();
    let refused = problem(server.post(EXPLAIN, instances(7)).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/instances");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("at most 6"), "{detail}");
    let explained = server.post(EXPLAIN, instances(6)).await;
    assert_eq!(explained.status(), 200);
    let explained: Value = explained.json().await.unwrap();
    assert_eq!(explained["explanations"].as_array().unwrap().len(), 6);
    // Two requests of four do not fit together, whatever runs first.
    let both = [
        server.post(EXPLAIN, instances(4)),
        server.post(EXPLAIN, instances(4)),
    ];
    let both = futures_util::future::join_all(both).await;
    let mut statuses: Vec<u16> = both.iter().map(|one| one.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
    // All places are free again.
    assert_eq!(server.post(EXPLAIN, instances(6)).await.status(), 200);
}
