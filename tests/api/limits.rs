//! What is too much.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::histories::{asking, example, large};
use crate::server::{PATIENCE, Server, problem};

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_by_name_of_the_limit() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    assert_eq!(server.post("/v1/score", large(1_000)).await.status(), 200);
    let announced = problem(server.post("/v1/score", large(100_000)).await, 413).await;
    assert!(
        announced["detail"]
            .as_str()
            .unwrap()
            .contains("max_body_bytes")
    );
    // A body whose length nobody told beforehand.
    let pieces: Vec<Result<String, std::io::Error>> = vec![Ok(large(100_000))];
    let streamed = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    problem(server.post("/v1/score", streamed).await, 413).await;
}

#[tokio::test]
async fn a_history_beyond_the_limit_is_refused_by_name_of_the_limit() {
    let server = Server::start(&["--max-transactions", "10"]);
    assert_eq!(server.post("/v1/score", large(10)).await.status(), 200);
    let refused = problem(server.post("/v1/score", large(11)).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("max_transactions")
    );
}

/// A client that announces a large body, sends a part of it and waits for an answer.
async fn stall(server: &Server) -> TcpStream {
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 990000\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b' '; 600_000]).await.unwrap();
    connection
}

#[tokio::test]
async fn bodies_beyond_what_may_be_held_at_once_are_told_to_come_back() {
    let server = Server::start(&["--max-body-bytes", "1000000", "--max-held-bytes", "1000000"]);
    // There is room for one of the two; which one is refused does not matter.
    let (mut one, mut other) = tokio::join!(stall(&server), stall(&server));
    let (mut first, mut second) = ([0; 12], [0; 12]);
    let refused = async {
        tokio::select! {
            read = one.read_exact(&mut first) => read.map(|_| first),
            read = other.read_exact(&mut second) => read.map(|_| second),
        }
    };
    let status = tokio::time::timeout(PATIENCE, refused)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&status, b"HTTP/1.1 503");
    drop((one, other));
    // The room comes back when the server notices that they are gone.
    let again = async { while server.post("/v1/score", large(1_000)).await.status() != 200 {} };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn a_full_queue_is_answered_with_503_and_when_to_come_back() {
    let server = Server::start(&["--threads", "1", "--explanation-queue", "64"]);
    let body = asking(example(), serde_json::json!({"samples": 8192})).to_string();
    // One explanation runs at a time and 64 wait: of 200 at once some are too many.
    let requests = (0..200).map(|_| server.post("/v1/explain", body.clone()));
    let responses = futures_util::future::join_all(requests).await;
    let (explained, refused): (Vec<_>, Vec<_>) = responses
        .into_iter()
        .partition(|response| response.status() == 201);
    assert!(
        !explained.is_empty() && !refused.is_empty(),
        "{} explained, {} refused",
        explained.len(),
        refused.len()
    );
    for response in refused {
        assert_eq!(response.headers()["retry-after"], "1");
        problem(response, 503).await;
    }
    assert_eq!(server.post("/v1/explain", body).await.status(), 201);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_refused() {
    let server = Server::start(&["--body-timeout", "1"]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1_000];
    let read = tokio::time::timeout(Duration::from_secs(30), connection.read(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_body_is_no_trouble() {
    let server = Server::start(&[]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    drop(connection);
    assert_eq!(server.post("/v1/score", large(1)).await.status(), 200);
}
