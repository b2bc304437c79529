//! Requests for explanations with an `idempotency-key`: each is done once, however often it is sent.

use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::explanations::{erase_customer, list};
use test_support::histories::{slow_history, small_history, with_customer, with_options};
use test_support::jobs::await_done;
use test_support::keys::{TestKey, server_with_keys};
use test_support::on_each_database;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;
use test_support::wait::eventually;

/// The answer to a request for an explanation with a key.
async fn explain(
    server: &ApiClient,
    key: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> Response {
    explain_at(server, "/v1/explain", key, body, headers).await
}

async fn explain_at(
    server: &ApiClient,
    path: &str,
    key: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> Response {
    let request = server.post_as(path, "application/json", body.to_string());
    let mut request = request.header("idempotency-key", key);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// The body of an answer with this status, and whether it was given before.
async fn answered(response: Response, status: u16) -> (String, bool) {
    let found = response.status();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text:.500}");
    (text, replayed)
}

async fn retry_gets_the_same_record_on_every_server(stored: TestStore) {
    let server = stored.start(&[]);
    let history = with_customer("c", small_history());
    let (first, replayed) = answered(explain(&server, "k-1", &history, &[]).await, 201).await;
    assert!(!replayed);
    let again = explain(&server, "k-1", &history, &[]).await;
    let id = serde_json::from_str::<Value>(&first).unwrap()["id"].clone();
    let location = again.headers()["location"].to_str().unwrap();
    assert_eq!(
        location,
        format!("/v1/explanations/{}", id.as_str().unwrap())
    );
    assert_eq!(answered(again, 201).await, (first.clone(), true));
    server.kill();

    let server = stored.start(&[]);
    let again = explain(&server, "k-1", &history, &[]).await;
    assert_eq!(answered(again, 201).await, (first.clone(), true));
    let other_key = explain(&server, "k-2", &history, &[]).await;
    let (other, replayed) = answered(other_key, 201).await;
    assert!(!replayed && other != first);
    assert_eq!(list(&server, "c").await.len(), 2);
    stored.whole_audit();
}

async fn same_request_at_once_is_done_once(stored: TestStore) {
    let server = stored.start(&[]);
    let history = with_customer("c", small_history());
    let requests = (0..16).map(|_| explain(&server, "k", &history, &[]));
    let mut ids = Vec::new();
    for response in join_all(requests).await {
        if response.status() == 409 {
            assert_eq!(response.headers()["retry-after"], "1");
            let refused = problem(response, 409).await;
            assert_eq!(refused["type"], "urn:microseg:problem:under-way");
        } else {
            let (text, _) = answered(response, 201).await;
            ids.push(serde_json::from_str::<Value>(&text).unwrap()["id"].clone());
        }
    }
    assert!(!ids.is_empty());
    let found = list(&server, "c").await;
    assert_eq!(found.len(), 1);
    assert!(ids.iter().all(|id| *id == found[0]), "{ids:?}");
}

async fn retry_of_a_job_gets_the_same_job(stored: TestStore) {
    let server = stored.start(&[]);
    let history = with_customer("c", small_history());
    let prefer = [("prefer", "respond-async")];
    let (first, _) = answered(explain(&server, "k", &history, &prefer).await, 202).await;
    let job: Value = serde_json::from_str(&first).unwrap();
    let id = job["id"].as_str().unwrap();
    await_done(&server, id).await;
    let again = explain(&server, "k", &history, &prefer).await;
    assert_eq!(again.headers()["location"], format!("/v1/jobs/{id}"));
    let (again, replayed) = answered(again, 202).await;
    assert!(replayed);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!([&again["id"], &again["status"]], [id, "done"]);
    assert_eq!(list(&server, "c").await, [id]);
    // Without the preference it is another request.
    let other = problem(explain(&server, "k", &history, &[]).await, 422).await;
    assert_eq!(other["type"], "urn:microseg:problem:key-reused");
}

async fn erased_customers_keys_are_forgotten(stored: TestStore) {
    let server = stored.start(&[]);
    let history = with_customer("c", small_history());
    let (first, _) = answered(explain(&server, "k", &history, &[]).await, 201).await;
    assert_eq!(stored.count("SELECT count(*) FROM idempotency").await, 1);
    erase_customer(&server, "c").await;
    assert_eq!(stored.count("SELECT count(*) FROM idempotency").await, 0);
    let (again, replayed) = answered(explain(&server, "k", &history, &[]).await, 201).await;
    assert!(!replayed && again != first);
    // One explanation alone, too.
    let id = serde_json::from_str::<Value>(&again).unwrap()["id"].clone();
    let path = format!("/v1/explanations/{}", id.as_str().unwrap());
    assert_eq!(server.delete(&path).await.status(), 204);
    assert_eq!(stored.count("SELECT count(*) FROM idempotency").await, 0);
}

async fn request_that_was_not_done_leaves_its_key_free(stored: TestStore) {
    let server = stored.start(&[]);
    let wrong = with_options(small_history(), json!({"samples": 8193}));
    problem(explain(&server, "k", &wrong, &[]).await, 422).await;
    let history = with_customer("c", small_history());
    answered(explain(&server, "k", &history, &[]).await, 201).await;

    // A client that leaves: what it asked for was not recorded, and is done when it is sent again.
    let slow = slow_history("slow");
    let left = explain(&server, "left", &slow, &[]);
    let is_claimed = async || {
        let count = stored.count("SELECT count(*) FROM idempotency").await;
        (count == 2).then_some(())
    };
    tokio::select! {
        _ = left => panic!("it is too fast for this test"),
        () = eventually("the key is claimed", is_claimed) => {}
    }
    let done = async || {
        let response = explain(&server, "left", &slow, &[]).await;
        if response.status() == 409 {
            return None;
        }
        Some(answered(response, 201).await)
    };
    let (_, replayed) = eventually("the key is free", done).await;
    assert!(!replayed);
    assert_eq!(list(&server, "slow").await.len(), 1);
}

#[tokio::test]
async fn same_key_with_another_request_answers_422() {
    let server = &shared_server();
    let history = with_customer("reused", small_history());
    answered(explain(server, "reused", &history, &[]).await, 201).await;
    let other = with_customer("other", small_history());
    for response in [
        explain(server, "reused", &other, &[]).await,
        explain_at(server, "/v1/explain?version=1", "reused", &history, &[]).await,
    ] {
        let refused = problem(response, 422).await;
        assert_eq!(refused["type"], "urn:microseg:problem:key-reused");
    }
    assert!(list(server, "other").await.is_empty());
}

#[tokio::test]
async fn invalid_key_answers_422() {
    let server = &shared_server();
    let long = "k".repeat(256);
    for keys in [&[""][..], &["a b"], &[&long], &["a", "b"]] {
        let mut request = server.post_as(
            "/v1/explain",
            "application/json",
            small_history().to_string(),
        );
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        let refused = problem(request.send().await.unwrap(), 422).await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("idempotency-key"), "{detail}");
    }
}

#[tokio::test]
async fn tenants_have_keys_of_their_own() {
    let tenants = ["north", "south"].map(|tenant| TestKey::of_tenant("crm", tenant, "explain"));
    let server = server_with_keys(&[&tenants[0], &tenants[1]], &[]);
    let mut found = Vec::new();
    for key in &tenants {
        let request = server
            .request(Method::POST, "/v1/explain")
            .bearer_auth(&key.key);
        let request = request.header("content-type", "application/json");
        let request = request.header("idempotency-key", "k");
        let response = request.body(small_history().to_string()).send().await;
        let (text, replayed) = answered(response.unwrap(), 201).await;
        assert!(!replayed);
        found.push(text);
    }
    assert_ne!(found[0], found[1]);
}

on_each_database! {
    retry_gets_the_same_record_on_every_server,
    same_request_at_once_is_done_once,
    retry_of_a_job_gets_the_same_job,
    erased_customers_keys_are_forgotten,
    request_that_was_not_done_leaves_its_key_free,
}
