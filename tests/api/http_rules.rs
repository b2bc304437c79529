//! HTTP as it is written: heads that are refused, the time limits of connections, and connections of a server that ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use test_support::client::{ApiClient, problem};
use test_support::explanations::explain;
use test_support::histories::{example, small_history, with_customer};
use test_support::keys::{TestKey, server_with_keys};
use test_support::ndjson::ndjson_request;
use test_support::raw_http::{LIVE, RawConnection};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::wait::{eventually, in_time};

/// Longer than any test, in seconds: another limit must act first.
const UNREACHED: &str = "100000";

/// The problem in an answer to these bytes; the connection must end with it.
async fn refused(server: &ApiClient, request: &str, status: u16) -> Value {
    let mut connection = RawConnection::open(server).await;
    let answer = connection.ask(request).await;
    assert_eq!(answer.status, status, "{request}");
    assert!(answer.closes(), "{request}");
    connection.await_end().await;
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn head_without_one_host_is_refused() {
    let server = shared_server();
    for hosts in [
        "",
        "host: a\r\nhost: b\r\n",
        "host: a\r\nhost: a\r\n",
        "host: a b\r\n",
        "host: user@a\r\n",
    ] {
        for path in ["/health/live", "/v1/models", "/nothing"] {
            let request = format!("GET {path} HTTP/1.1\r\n{hosts}\r\n");
            let refused = refused(&server, &request, 400).await;
            assert_eq!(refused["type"], "urn:microseg:problem:malformed-head");
        }
    }
    let mut old = RawConnection::open(&server).await;
    old.send("GET /health/live HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.answer().await.unwrap().status, 200);
    let mut empty = RawConnection::open(&server).await;
    let answer = empty.ask(LIVE.replace("host: x", "host:")).await;
    assert_eq!((answer.status, answer.closes()), (200, false));
}

#[tokio::test]
async fn body_of_an_unknown_coding_is_refused() {
    let server = shared_server();
    for (codings, status) in [
        ("transfer-encoding: gzip, chunked", 501),
        ("transfer-encoding: gzip\r\ntransfer-encoding: chunked", 501),
        ("transfer-encoding: identity, chunked", 501),
        ("transfer-encoding: chunked, chunked", 400),
    ] {
        let request = format!(
            "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{codings}\r\n\r\n0\r\n\r\n"
        );
        refused(&server, &request, status).await;
    }
    // hyper refuses these by itself, without a problem.
    let mut unframed = RawConnection::open(&server).await;
    let request = "POST /v1/score HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n";
    let answer = unframed.ask(request).await;
    assert_eq!((answer.status, answer.closes()), (400, true));
    unframed.await_end().await;
}

#[tokio::test]
async fn head_of_too_many_lines_answers_431_with_notice() {
    let server = shared_server();
    let with =
        |lines: usize| LIVE.replace("host: x", &format!("host: x{}", "\r\na: b".repeat(lines)));
    let mut connection = RawConnection::open(&server).await;
    let answer = connection.ask(with(255)).await;
    assert_eq!((answer.status, answer.closes()), (200, false));
    let answer = connection.ask(with(256)).await;
    assert_eq!((answer.status, answer.closes()), (431, true));
    connection.await_end().await;
}

#[tokio::test]
async fn idle_connection_outlives_the_time_limit_of_heads() {
    let server = Server::start(&["--header-timeout", "1", "--keep-alive-timeout", UNREACHED]);
    let mut idle = RawConnection::open(&server).await;
    assert_eq!(idle.ask(LIVE).await.status, 200);
    // More than the limit of a head passes meanwhile.
    let mut late = RawConnection::open(&server).await;
    let answer = late.ask(&LIVE[..20]).await;
    assert_eq!((answer.status, answer.closes()), (408, true));
    late.await_end().await;
    assert_eq!(idle.ask(LIVE).await.status, 200);
    // The limit of a head holds for the second one too.
    let answer = idle.ask(&LIVE[..20]).await;
    assert_eq!((answer.status, answer.closes()), (408, true));
    idle.await_end().await;
}

#[tokio::test]
async fn idle_connection_ends_after_its_own_time_limit() {
    let server = Server::start(&["--header-timeout", UNREACHED, "--keep-alive-timeout", "1"]);
    let mut idle = RawConnection::open(&server).await;
    assert_eq!(idle.ask(LIVE).await.status, 200);
    assert!(idle.answer().await.is_none());
    // A body that arrives slowly is no pause between requests.
    let mut slow = RawConnection::open(&server).await;
    let body = example().to_string();
    let head = format!(
        "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.send(head).await;
    let mut idle = RawConnection::open(&server).await;
    assert_eq!(idle.ask(LIVE).await.status, 200);
    idle.await_end().await;
    assert_eq!(slow.ask(body).await.status, 200);
}

#[tokio::test]
async fn draining_server_says_that_connections_end() {
    let server = Server::start(&["--drain-delay", UNREACHED]);
    let mut kept = RawConnection::open(&server).await;
    assert!(!kept.ask(LIVE).await.closes());
    server.terminate();
    server.await_event("finishing what is under way");
    for path in ["/health/live", "/health/ready", "/v1/models", "/nothing"] {
        let request = LIVE.replace("/health/live", path);
        assert!(kept.ask(request).await.closes(), "{path}");
        kept.await_end().await;
        kept = RawConnection::open(&server).await;
    }
}

/// Sends one request after the other until an answer says that the connection ends; how many were answered.
async fn ask_until_closed(mut connection: RawConnection, request: String, asked: Arc<AtomicUsize>) {
    loop {
        let answer = connection.ask(&request).await;
        assert_eq!(answer.status, 200);
        asked.fetch_add(1, Ordering::Relaxed);
        if answer.closes() {
            return;
        }
    }
}

#[tokio::test]
async fn end_of_the_server_fails_no_request_of_kept_connections() {
    let mut server = Server::start(&["--grace-period", UNREACHED]);
    let body = example().to_string();
    let scoring = format!(
        "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..32 {
        let connection = RawConnection::open(&server).await;
        let request = if number % 2 == 0 { LIVE } else { &scoring };
        clients.spawn(ask_until_closed(
            connection,
            request.to_owned(),
            asked.clone(),
        ));
    }
    eventually("some answers of each client", async || {
        (asked.load(Ordering::Relaxed) > 320).then_some(())
    })
    .await;
    server.terminate();
    while let Some(ended) = in_time(clients.join_next()).await {
        ended.unwrap();
    }
    assert!(server.wait().success());
}

#[tokio::test]
async fn unknown_address_of_the_inference_protocol_answers_in_its_form() {
    let server = Server::start(&["--max-body-bytes", "1000"]);
    let has_form = |refused: &Value| assert_eq!(refused["error"], refused["detail"], "{refused}");
    for path in [
        "/v2/nothing",
        "/v2/models",
        "/v2/models/x/y/z",
        "/v2/models/nowhere",
    ] {
        has_form(&problem(server.get(path).await, 404).await);
    }
    has_form(&problem(server.post("/v2/health/live", "").await, 405).await);
    let infer = "/v2/models/spending-personality/infer";
    has_form(&problem(server.post(infer, vec![b' '; 2_000]).await, 413).await);
    let other = problem(server.get("/v1/nothing").await, 404).await;
    assert!(other.get("error").is_none(), "{other}");
    let key = TestKey::make("bank", "explain");
    let closed = server_with_keys(&[&key], &[]);
    for path in ["/v2", "/v2/nothing", "/v2/models/spending-personality"] {
        has_form(&problem(closed.get(path).await, 401).await);
    }
}

#[tokio::test]
async fn customer_named_by_the_replacement_character_has_its_list() {
    let server = Server::start(&[]);
    let explained = explain(&server, &with_customer("\u{fffd}", small_history())).await;
    let listed = server
        .get_json("/v1/explanations?customer_id=%EF%BF%BD")
        .await;
    assert_eq!(listed["explanations"][0]["id"], explained.id.as_str());
    for unreadable in ["%FF", "%EF%BF", "a%80"] {
        let list = format!("/v1/explanations?customer_id={unreadable}");
        problem(server.get(&list).await, 422).await;
        let stream = format!("/v1/stream?customer_id={unreadable}");
        let stream = ndjson_request(&server, &stream, "").send().await.unwrap();
        problem(stream, 422).await;
    }
}
