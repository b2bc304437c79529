//! Shares of callers: one that takes as much as it can leaves enough for the others.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use test_support::client::problem;
use test_support::histories::{card_payments, example, slow_history, with_options};
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

const SHARE_FULL: &str = "urn:microseg:problem:share-full";

fn two_keys() -> (TestKey, TestKey) {
    (
        TestKey::make("greedy", "score+explain"),
        TestKey::make("modest", "score+explain"),
    )
}

/// The head of a request; without a length its body is chunked, and may last for ever.
fn head(path: &str, key: Option<&TestKey>, media_type: &str, length: Option<usize>) -> String {
    let key = key.map_or(String::new(), |key| {
        format!("authorization: Bearer {}\r\n", key.key)
    });
    let length = length.map_or("transfer-encoding: chunked".to_owned(), |length| {
        format!("content-length: {length}")
    });
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\n{key}content-type: application/{media_type}\r\n{length}\r\n\r\n"
    )
}

/// A connection on which so much of a request has been sent.
async fn open(server: &Server, head: &str, body: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    // The server may answer, and close, before it has read everything.
    let _ = connection.write_all(body).await;
    connection
}

/// The beginning of the answer on a connection, as soon as there is one.
async fn beginning(connection: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&text).contains("\r\n\r\n") {
            let mut part = [0; 4_096];
            match connection.read(&mut part).await {
                Ok(read) if read > 0 => text.extend_from_slice(&part[..read]),
                _ => break,
            }
        }
    };
    tokio::time::timeout(TIME_LIMIT, reading).await.unwrap();
    String::from_utf8(text).unwrap()
}

fn with_key(request: RequestBuilder, key: &TestKey) -> RequestBuilder {
    request.bearer_auth(&key.key)
}

async fn score(server: &Server, key: &TestKey, body: String) -> Response {
    let request = server.post_as("/v1/score", "application/json", body);
    with_key(request, key).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_held_back_leave_memory_for_other_callers_and_small_bodies() {
    let (greedy, modest) = two_keys();
    let limits = [
        "--max-body-bytes",
        "1000000",
        "--max-held-bytes",
        "16000000",
        // On a busy machine the bodies must be held for as long as this takes.
        "--body-timeout",
        "600",
    ];
    let server = server_with_keys(&[&greedy, &modest], &limits);
    let head = head("/v1/score", Some(&greedy), "json", Some(1_000_000));
    let body = vec![b' '; 999_999];
    let (sender, mut refused) = mpsc::unbounded_channel();
    let mut holding = JoinSet::new();
    for _ in 0..16 {
        let mut connection = open(&server, &head, &body).await;
        let sender = sender.clone();
        holding.spawn(async move {
            let text = beginning(&mut connection).await;
            if !text.is_empty() {
                sender.send(text).unwrap();
            }
        });
    }
    // An eighth is for small bodies alone, and of the others one caller has half: seven of its bodies fit.
    for _ in 0..9 {
        let answer = refused.recv().await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.contains("retry-after"), "{answer}");
    }
    for key in [&modest, &greedy] {
        let response = score(&server, key, example().to_string()).await;
        assert_eq!(response.status(), 200);
    }
    let large = card_payments(9_000);
    assert!(large.len() > 500_000, "{}", large.len());
    // Bodies that grow at the same time may have been refused together: then there is space for one more.
    let refused = loop {
        let response = score(&server, &greedy, large.clone()).await;
        if response.status() != 200 {
            break problem(response, 503).await;
        }
        let mut connection = open(&server, &head, &body).await;
        holding.spawn(async move { drop(beginning(&mut connection).await) });
    };
    assert_eq!(refused["type"], SHARE_FULL);
    let response = score(&server, &modest, large).await;
    assert_eq!(response.status(), 200);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("max_held_bytes"), "{detail}");
    holding.abort_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_leave_places_for_other_callers_and_other_requests() {
    let (greedy, modest) = two_keys();
    let server = server_with_keys(&[&greedy, &modest], &["--max-streams", "8"]);
    let stream: fn(&TestKey) -> String =
        |key| head("/v1/stream?customer_id=c", Some(key), "x-ndjson", None);
    let lines: fn(&TestKey) -> String = |key| head("/v1/score", Some(key), "x-ndjson", None);
    let mut streams = Vec::new();
    // Bodies of histories may last as long as those of transactions.
    for head in [stream, lines, stream, lines].map(|head| head(&greedy)) {
        let mut connection = open(&server, &head, b"").await;
        let answer = beginning(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        streams.push(connection);
    }
    for head in [stream(&greedy), lines(&greedy)] {
        let answer = beginning(&mut open(&server, &head, b"").await).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    }
    let mut other = open(&server, &stream(&modest), b"").await;
    assert!(beginning(&mut other).await.starts_with("HTTP/1.1 200"));
    let response = score(&server, &greedy, example().to_string()).await;
    assert_eq!(response.status(), 200);

    // A stream that has ended gives its place back.
    drop(streams.pop());
    let again = async {
        loop {
            let mut connection = open(&server, &stream(&greedy), b"").await;
            if beginning(&mut connection).await.starts_with("HTTP/1.1 200") {
                return;
            }
        }
    };
    tokio::time::timeout(TIME_LIMIT, again).await.unwrap();
}

#[tokio::test]
async fn places_of_requests_are_shared_by_keys() {
    let (greedy, modest) = two_keys();
    let server = server_with_keys(&[&greedy, &modest], &["--max-concurrent-requests", "4"]);
    let _held = hold_places(&server, Some(&greedy), 2).await;
    let models = |key| with_key(server.http().get(server.url("/v1/models")), key).send();
    let refused = problem(models(&greedy).await.unwrap(), 503).await;
    assert_eq!(refused["type"], SHARE_FULL);
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("caller_share") && detail.contains("max_concurrent_requests"),
        "{detail}"
    );
    assert_eq!(models(&modest).await.unwrap().status(), 200);
}

/// Requests whose bodies do not come: each is running once the server asks for its body.
async fn hold_places(server: &Server, key: Option<&TestKey>, count: usize) -> Vec<TcpStream> {
    let plain = head("/v1/score", key, "json", Some(100));
    let expecting = plain.replacen("\r\n", "\r\nexpect: 100-continue\r\n", 1);
    let mut held = Vec::new();
    for _ in 0..count {
        let mut connection = open(server, &expecting, b"").await;
        let answer = beginning(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 100"), "{answer}");
        held.push(connection);
    }
    held
}

#[tokio::test]
async fn peer_without_key_has_a_share_unless_it_is_turned_off() {
    let limit = ["--max-concurrent-requests", "4"];
    let server = Server::start(&limit);
    let first_two = hold_places(&server, None, 2).await;
    let refused = problem(server.get("/v1/models").await, 503).await;
    assert_eq!(refused["type"], SHARE_FULL);
    assert_eq!(server.get("/health/ready").await.status(), 200);
    drop(first_two);

    for unshared in [&["--no-peer-shares"][..], &["--caller-share", "100"]] {
        let server = Server::start(&[&limit[..], unshared].concat());
        let held = hold_places(&server, None, 3).await;
        assert_eq!(server.get("/v1/models").await.status(), 200);
        drop(held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explanations_of_one_caller_leave_places_and_turns_for_others() {
    let (greedy, modest) = two_keys();
    let threads = ["--explanation-threads", "1", "--explanation-queue", "8"];
    let server = server_with_keys(&[&greedy, &modest], &threads);
    let options = json!({"level": "cell", "samples": 8192, "fidelity_target": 1.0});
    let slow = with_options(example(), options).to_string();
    let mut explaining = JoinSet::new();
    for _ in 0..12 {
        let request = server.post_as("/v1/explain", "application/json", slow.clone());
        let request = with_key(request, &greedy).timeout(Duration::from_mins(10));
        explaining.spawn(async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap())
        });
    }
    // One runs and half of the queue waits; all others are refused.
    for _ in 0..7 {
        let (status, refused) = explaining.join_next().await.unwrap().unwrap();
        assert_eq!(status, 503, "{refused:.500}");
        assert_eq!(refused["type"], SHARE_FULL);
    }
    let request = server.post_as("/v1/explain", "application/json", example().to_string());
    let response = with_key(request, &modest).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let mut before = 0;
    while let Some(explained) = explaining.try_join_next() {
        let (status, _) = explained.unwrap();
        assert_eq!(status, 201);
        before += 1;
    }
    assert!(before <= 3, "{before} of five were explained before");
}

#[tokio::test]
async fn jobs_of_one_caller_leave_places_for_others() {
    let (greedy, modest) = two_keys();
    let server = server_with_keys(&[&greedy, &modest], &["--job-queue", "8"]);
    let slow = slow_history("c").to_string();
    let queue = async |key| {
        let request = server.post_as("/v1/explain", "application/json", slow.clone());
        let request = request.header("prefer", "respond-async");
        with_key(request, key).send().await.unwrap()
    };
    let refused = async {
        loop {
            let response = queue(&greedy).await;
            if response.status() != 202 {
                return response;
            }
        }
    };
    let refused = tokio::time::timeout(TIME_LIMIT, refused).await.unwrap();
    let refused = problem(refused, 503).await;
    assert_eq!(refused["type"], SHARE_FULL);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("job_queue"), "{detail}");
    assert_eq!(queue(&modest).await.status(), 202);
}
