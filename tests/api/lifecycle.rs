//! Start and shutdown of the server, its probes, common headers and log.

use std::path::Path;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::bundle_copy::BundleCopy;
use test_support::command::{MODELS, microseg};
use test_support::faulty_network::{IS_SLOW, network_with};
use test_support::histories::{example, history, transaction};
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::wait::{TIME_LIMIT, in_time};

#[tokio::test]
async fn live_probe_answers_before_ready_probe() {
    let server = Server::spawn(Path::new(MODELS), &[]);
    assert_eq!(server.get("/health/live").await.status(), 200);
    server.await_event("ready");
    assert_eq!(server.get("/health/ready").await.status(), 200);
}

/// Loading would take minutes: each run takes some tenths of a second.
#[tokio::test]
async fn server_that_loads_a_model_stops_loading_and_ends_when_it_is_told_to() {
    let copy = BundleCopy::make();
    copy.replace("model.pt", &network_with(IS_SLOW));
    for trial in [&[][..], &["--trial-memory-bytes", "0"]] {
        let mut server = Server::spawn(copy.models(), trial);
        server.terminate();
        assert!(server.wait().success(), "{}", server.log());
        server.await_event("ended");
        let log = server.log();
        assert!(!log.contains("ends while"), "{log}");
    }
}

#[tokio::test]
async fn every_answer_has_request_id_and_timing() {
    let server = shared_server();
    let scored = server.post("/v1/score", example().to_string()).await;
    let timing = scored.headers()["server-timing"].to_str().unwrap();
    for stage in ["parse;dur=", "network;dur=", "total;dur="] {
        assert!(timing.contains(stage), "{timing}");
    }
    let missing = server.get("/nowhere").await;
    assert_eq!(missing.headers()["x-request-id"].len(), 36);
    assert!(missing.headers().contains_key("server-timing"));
    let own = server
        .http()
        .get(server.url("/v1/models"))
        .header("x-request-id", "mine-7")
        .send()
        .await
        .unwrap();
    assert_eq!(own.headers()["x-request-id"], "mine-7");
}

#[tokio::test]
async fn log_contains_requests_but_no_customers_or_keys() {
    // Long enough to be in no id, time or duration by chance.
    let secret = "47118153";
    let (key, unknown) = (
        TestKey::make("bank", "admin"),
        TestKey::make("bank", "admin"),
    );
    let server = server_with_keys(&[&key], &["--log", "trace"]);
    let mut document = history(&[transaction("2020-01-01", -47_118_153.0, "rent")]);
    document["customer_id"] = format!("c-secret-{secret}").into();
    let json = (CONTENT_TYPE, "application/json");
    let lines = (CONTENT_TYPE, "application/x-ndjson");
    let transaction = document["transactions"][0].to_string();
    let wrong = document.to_string().replace("2020", "x");
    let query = format!("customer_id=c-secret-{secret}");
    let customer = format!("/v1/customers/c-secret-{secret}");
    let (streamed, listed) = (
        format!("/v1/stream?{query}"),
        format!("/v1/explanations?{query}"),
    );
    for (method, path, (name, value), body, status) in [
        (
            Method::POST,
            "/v1/score",
            json.clone(),
            document.to_string(),
            200,
        ),
        (Method::POST, "/v1/score", json.clone(), wrong, 422),
        (
            Method::POST,
            "/v1/score",
            lines.clone(),
            document.to_string(),
            200,
        ),
        (Method::POST, streamed.as_str(), lines, transaction, 200),
        (
            Method::POST,
            "/v1/explain",
            json.clone(),
            document.to_string(),
            201,
        ),
        (
            Method::GET,
            listed.as_str(),
            json.clone(),
            String::new(),
            200,
        ),
        (Method::DELETE, customer.as_str(), json, String::new(), 200),
    ] {
        let sent = server
            .request(method.clone(), path)
            .header(name, value)
            .body(body);
        let response = sent.bearer_auth(&key.key).send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        response.bytes().await.unwrap();
    }
    let misplaced = format!("/v1/models/{}?key={0}", unknown.key);
    // An unknown key, a key in the path, and a key in another scheme.
    for (path, value) in [
        ("/v1/models", format!("Bearer {}", unknown.key)),
        (misplaced.as_str(), format!("Basic {}", key.key)),
    ] {
        let sent = server
            .request(Method::GET, path)
            .header(AUTHORIZATION, value);
        assert_eq!(sent.send().await.unwrap().status(), 401);
    }
    let alone = server
        .request(Method::GET, "/v1/models")
        .header("x-api-key", &key.key);
    assert_eq!(alone.send().await.unwrap().status(), 200);
    let answered = loop {
        let event = server.await_event("answered");
        if event["method"] == "DELETE" {
            break event;
        }
    };
    assert_eq!(answered["route"], "/v1/customers/{id}");
    assert_eq!(answered["key"], "bank");
    for absent in [
        secret,
        key.key.as_str(),
        key.digest(),
        unknown.key.as_str(),
        unknown.digest(),
    ] {
        assert!(
            !server.log().contains(absent),
            "{absent} in {}",
            server.log()
        );
    }
}

#[tokio::test]
async fn sigterm_finishes_running_requests_and_succeeds() {
    let mut server = Server::start(&[]);
    let body = example().to_string();
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /v1/score HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // The server answers 100 once it reads the body: from then on the request is running.
    let mut permission = [0; 25];
    in_time(connection.read_exact(&mut permission))
        .await
        .unwrap();
    assert_eq!(&permission, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (first, rest) = body.split_at(body.len() / 2);
    connection.write_all(first.as_bytes()).await.unwrap();

    server.terminate();
    server.await_event("finishing what is under way");
    let refused = async { while TcpStream::connect(server.address()).await.is_ok() {} };
    let refusal = tokio::time::timeout(TIME_LIMIT, refused).await;
    assert!(refusal.is_ok(), "new connections are still accepted");
    connection.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.wait().success());
}

/// A process that exits while a thread runs libtorch may crash.
#[test]
fn sigterm_while_a_model_is_loaded_succeeds() {
    for _ in 0..3 {
        Server::spawn(Path::new(MODELS), &[]).end();
    }
}

#[tokio::test]
async fn grace_period_ends_a_server_with_an_unfinished_request() {
    let mut server = Server::start(&["--grace-period", "1"]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(server.get("/health/live").await.status(), 200);
    server.terminate();
    assert!(server.wait().success());
}

#[test]
fn health_command_fails_without_a_server() {
    let server = Server::start(&[]);
    let health = |address: &str| {
        microseg()
            .args(["health", "--addr", address])
            .output()
            .unwrap()
    };
    assert!(health(server.address()).status.success());
    let address = server.address().to_owned();
    drop(server);
    let gone = health(&address);
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8(gone.stderr).unwrap().contains(&address));
}
