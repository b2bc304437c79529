//! Requests that keep transactions under an `idempotency-key`: each is done once, however often and wherever it is sent.

use futures_util::future::join_all;
use reqwest::Response;
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::histories::transaction;
use test_support::keys::{TestKey, key_file};
use test_support::on_each_database;
use test_support::store::TestStore;

const OF_ONE: &str = "/v1/customers/c-1/transactions";
const OF_MANY: &str = "/v1/transactions";

/// A transaction with an id.
fn named(id: &str, amount: f64) -> Value {
    let mut transaction = transaction("2019-03-01", amount, "rent");
    transaction["id"] = id.into();
    transaction
}

fn document(transactions: &[Value]) -> String {
    json!({"transactions": transactions}).to_string()
}

/// Lines, each with its customer.
fn lines(transactions: &[(&str, Value)]) -> String {
    let lines = transactions.iter().map(|(customer, transaction)| {
        let mut line = transaction.clone();
        line["customer_id"] = (*customer).into();
        format!("{line}\n")
    });
    lines.collect()
}

async fn send(server: &ApiClient, path: &str, key: &str, body: &str) -> Response {
    let media_type = if body.starts_with("{\"transactions\"") {
        "application/json"
    } else {
        "application/x-ndjson"
    };
    let request = server.post_as(path, media_type, body.to_owned());
    request.header("idempotency-key", key).send().await.unwrap()
}

/// The text of an answer with status 200, and whether it was given before.
async fn answered(response: Response) -> (String, bool) {
    let status = response.status();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{text:.500}");
    (text, replayed)
}

async fn amounts(server: &ApiClient, customer: &str) -> Vec<f64> {
    let history = server
        .get_json(&format!("/v1/customers/{customer}/transactions"))
        .await;
    let transactions = history["transactions"].as_array().unwrap().iter();
    transactions
        .map(|one| one["amount"].as_f64().unwrap())
        .collect()
}

async fn request_sent_again_gets_its_answer_and_undoes_no_correction(stored: TestStore) {
    let bodies = [
        (OF_ONE, document(&[named("a", -5.0), named("b", -6.0)])),
        (
            OF_MANY,
            lines(&[
                ("c-1", named("a", -5.0)),
                ("c-2", named("z", -1.0)),
                ("c-1", json!({"id": "no amount"})),
                ("c-1", named("b", -6.0)),
            ]),
        ),
        (
            OF_ONE,
            lines(&[("c-1", named("a", -5.0)), ("c-1", named("b", -6.0))]),
        ),
    ];
    for (number, (path, body)) in bodies.iter().enumerate() {
        let server = stored.start(&[]);
        let key = format!("k-{number}");
        let (first, replayed) = answered(send(&server, path, &key, body).await).await;
        assert!(!replayed, "{first}");
        let correction = document(&[named("a", -7.5)]);
        answered(server.post(OF_ONE, correction).await).await;
        server.kill();

        // Without the key it would be a correction back.
        let server = stored.start(&[]);
        for _ in 0..2 {
            let again = answered(send(&server, path, &key, body).await).await;
            assert_eq!(again, (first.clone(), true));
        }
        assert_eq!(amounts(&server, "c-1").await, [-7.5, -6.0]);
        server.delete("/v1/customers/c-1").await;
    }
}

async fn same_request_on_two_servers_at_once_is_done_once(stored: TestStore) {
    let servers = [stored.start(&[]), stored.start(&[])];
    let one = document(&[named("a", -5.0), named("b", -6.0)]);
    let many = lines(&[("c-2", named("a", -5.0)), ("c-3", named("a", -6.0))]);
    for (path, body) in [(OF_ONE, &one), (OF_MANY, &many)] {
        let sending = (0..12).map(|number| send(&servers[number % 2], path, path, body));
        let mut answers = Vec::new();
        for response in join_all(sending).await {
            answers.push(answered(response).await);
        }
        let first = &answers[0].0;
        assert!(answers.iter().all(|(text, _)| text == first), "{answers:?}");
        let done = answers.iter().filter(|(_, replayed)| !replayed).count();
        // Of many customers each is kept by the request that came first to it.
        assert!(done == 1 || (path == OF_MANY && done <= 2), "{answers:?}");
    }
    let customers = servers[0].get_json("/v1/customers").await;
    for customer in customers["customers"].as_array().unwrap() {
        assert_eq!(customer["position"], 1, "{customers}");
    }
}

async fn key_with_another_request_answers_422(stored: TestStore) {
    let server = stored.start(&[]);
    let body = document(&[named("a", -5.0)]);
    let many = lines(&[("c-1", named("a", -5.0))]);
    answered(send(&server, OF_ONE, "k", &body).await).await;
    answered(send(&server, OF_MANY, "m", &many).await).await;
    let other = document(&[named("a", -5.5)]);
    let other_lines = lines(&[("c-9", named("a", -5.0))]);
    for (path, key, body) in [
        (OF_ONE, "k", &other),
        ("/v1/customers/c-2/transactions", "k", &body),
        ("/v1/customers/c-1/transactions?scoring=true", "k", &body),
        (OF_ONE, "k", &many),
        (OF_MANY, "k", &many),
        (OF_MANY, "m", &other_lines),
        (OF_ONE, "m", &body),
    ] {
        let refused = problem(send(&server, path, key, body).await, 422).await;
        assert_eq!(refused["type"], "urn:microseg:problem:key-reused", "{path}");
    }
    let explain = server.post_as("/v1/explain", "application/json", body.clone());
    let explain = explain.header("idempotency-key", "k").send().await.unwrap();
    problem(explain, 422).await;
    assert_eq!(amounts(&server, "c-1").await, [-5.0]);
    let customers = server.get_json("/v1/customers").await;
    assert_eq!(customers["customers"].as_array().unwrap().len(), 1);
}

async fn refused_and_erased_requests_leave_their_key_free(stored: TestStore) {
    let server = stored.start(&[]);
    let wrong = document(&[json!({"id": "a"})]);
    problem(send(&server, OF_ONE, "k", &wrong).await, 422).await;
    let body = document(&[named("a", -5.0)]);
    let many = lines(&[("c-1", named("b", -6.0)), ("c-2", named("a", -7.0))]);
    let (_, replayed) = answered(send(&server, OF_ONE, "k", &body).await).await;
    assert!(!replayed);
    answered(send(&server, OF_MANY, "m", &many).await).await;
    server.delete("/v1/customers/c-1").await;
    // That a body of many customers was sent, and what became of the other one.
    assert_eq!(stored.count("SELECT count(*) FROM idempotency").await, 2);
    let of_customer = "SELECT count(*) FROM idempotency WHERE outcome IS NOT NULL";
    assert_eq!(stored.count(of_customer).await, 1);
    // What is sent after the erasure begins anew.
    let (_, replayed) = answered(send(&server, OF_ONE, "k", &body).await).await;
    assert!(!replayed);
    let (text, replayed) = answered(send(&server, OF_MANY, "m", &many).await).await;
    assert!(!replayed, "{text}");
    assert_eq!(amounts(&server, "c-1").await, [-5.0, -6.0]);
    assert_eq!(amounts(&server, "c-2").await, [-7.0]);
}

on_each_database! {
    request_sent_again_gets_its_answer_and_undoes_no_correction,
    same_request_on_two_servers_at_once_is_done_once,
    key_with_another_request_answers_422,
    refused_and_erased_requests_leave_their_key_free,
}

#[tokio::test]
async fn tenants_have_keys_of_their_own() {
    let stored = TestStore::sqlite();
    let tenants = ["north", "south"].map(|tenant| TestKey::of_tenant("crm", tenant, "write"));
    let file = key_file(tenants.each_ref().map(|key| &*key.entry));
    let server = stored.start(&["--api-keys-file", file.path().to_str().unwrap()]);
    for (key, amount) in tenants.iter().zip([-5.0, -6.0]) {
        for expected in [false, true] {
            let body = document(&[named("a", amount)]);
            let request = server.post_as(OF_ONE, "application/json", body);
            let request = request.header("idempotency-key", "k");
            let response = request.bearer_auth(&key.key).send().await.unwrap();
            let (_, replayed) = answered(response).await;
            assert_eq!(replayed, expected);
        }
    }
}

#[tokio::test]
async fn invalid_key_keeps_nothing() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    for key in ["", "a b", &"k".repeat(256)] {
        for (path, body) in [
            (OF_ONE, document(&[named("a", -5.0)])),
            (OF_MANY, lines(&[("c-1", named("a", -5.0))])),
        ] {
            problem(send(&server, path, key, &body).await, 422).await;
        }
    }
    problem(server.get("/v1/customers/c-1").await, 404).await;
}
