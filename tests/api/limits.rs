//! Limits of bodies, histories, queues and waiting times.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::client::problem;
use test_support::histories::{card_payments, example, with_options};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::wait::TIME_LIMIT;

#[tokio::test]
async fn too_large_body_answers_413_with_the_limits_name() {
    let server = Server::start(&["--max-body-bytes", "100000"]);
    assert_eq!(
        server
            .post("/v1/score", card_payments(1_000))
            .await
            .status(),
        200
    );
    let announced = problem(server.post("/v1/score", card_payments(100_000)).await, 413).await;
    assert!(
        announced["detail"]
            .as_str()
            .unwrap()
            .contains("max_body_bytes")
    );
    // A body without a content-length.
    let pieces: Vec<Result<String, std::io::Error>> = vec![Ok(card_payments(100_000))];
    let streamed = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    problem(server.post("/v1/score", streamed).await, 413).await;
}

#[tokio::test]
async fn too_long_history_answers_422_with_the_limits_name() {
    let server = Server::start(&["--max-transactions", "10"]);
    assert_eq!(
        server.post("/v1/score", card_payments(10)).await.status(),
        200
    );
    let refused = problem(server.post("/v1/score", card_payments(11)).await, 422).await;
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
async fn bodies_beyond_held_bytes_answer_503() {
    let server = Server::start(&["--max-body-bytes", "1000000", "--max-held-bytes", "1000000"]);
    // The limit admits one of the two; either may be refused.
    let (mut one, mut other) = tokio::join!(stall(&server), stall(&server));
    let (mut first, mut second) = ([0; 12], [0; 12]);
    let refused = async {
        tokio::select! {
            read = one.read_exact(&mut first) => read.map(|_| first),
            read = other.read_exact(&mut second) => read.map(|_| second),
        }
    };
    let status = tokio::time::timeout(TIME_LIMIT, refused)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&status, b"HTTP/1.1 503");
    drop((one, other));
    // The held bytes are released when the server notices that both connections are closed.
    let again = async {
        while server
            .post("/v1/score", card_payments(1_000))
            .await
            .status()
            != 200
        {}
    };
    tokio::time::timeout(TIME_LIMIT, again).await.unwrap();
}

#[tokio::test]
async fn full_explanation_queue_answers_503_with_retry_after() {
    let server = Server::start(&["--threads", "1", "--explanation-queue", "64"]);
    let body = with_options(example(), serde_json::json!({"samples": 8192})).to_string();
    // One explanation runs at a time and 64 wait: of 200 at once some are refused.
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
async fn late_body_answers_408() {
    let server = Server::start(&["--body-timeout", "1"]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1_000];
    let read = tokio::time::timeout(TIME_LIMIT, connection.read(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn client_that_disconnects_in_its_body_affects_no_other() {
    let server = shared_server();
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    drop(connection);
    assert_eq!(
        server.post("/v1/score", card_payments(1)).await.status(),
        200
    );
}
