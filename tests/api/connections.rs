//! Slow clients, connection limits, and shutdown with open connections.

use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::client::{ApiClient, problem};
use test_support::histories::example;
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::wait::TIME_LIMIT;

/// Longer than any test, in seconds: another limit must act first.
const UNREACHED: &str = "100000";

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

async fn connect(server: &ApiClient) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Sends a request and reads its answer up to the body's last byte.
async fn ask_live(connection: &mut TcpStream) {
    connection.write_all(LIVE).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let read = tokio::time::timeout(TIME_LIMIT, connection.read_buf(&mut answer)).await;
        assert_ne!(
            read.unwrap().unwrap(),
            0,
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// Waits until the server ends the connection.
async fn await_end(mut connection: TcpStream) {
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(TIME_LIMIT, connection.read_to_end(&mut rest)).await;
    // The read may end or fail: both mean that the connection is closed.
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn late_request_head_closes_the_connection() {
    let server = Server::start(&["--header-timeout", "1", "--keep-alive-timeout", "1"]);
    let silent = connect(&server).await;
    let mut half = connect(&server).await;
    half.write_all(&LIVE[..20]).await.unwrap();
    let mut idle = connect(&server).await;
    ask_live(&mut idle).await;
    for connection in [silent, half, idle] {
        await_end(connection).await;
    }
}

#[tokio::test]
async fn unread_answers_close_the_connection() {
    let server = Server::start(&["--write-timeout", "1", "--header-timeout", UNREACHED]);
    let mut connection = connect(&server).await;
    let request = b"GET /v1/models/spending-personality/surrogate HTTP/1.1\r\nhost: x\r\n\r\n";
    // The buffers of both directions fill up until the server closes the connection.
    let sending = async { while connection.write_all(request).await.is_ok() {} };
    let cut_off = tokio::time::timeout(TIME_LIMIT, sending).await;
    assert!(cut_off.is_ok(), "the server still waits");
    assert_eq!(server.get("/health/live").await.status(), 200);
}

#[tokio::test]
async fn too_long_head_answers_431() {
    let server = shared_server();
    let long = "x".repeat(100_000);
    let mut connection = connect(&server).await;
    let head = format!("GET /health/live HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    let read = tokio::time::timeout(TIME_LIMIT, connection.read_exact(&mut status)).await;
    read.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 431");
}

#[tokio::test]
async fn connection_beyond_the_limit_waits_until_one_closes() {
    let server = Server::start(&["--max-connections", "1", "--header-timeout", UNREACHED]);
    let mut first = connect(&server).await;
    ask_live(&mut first).await;
    let mut second = connect(&server).await;
    second.write_all(LIVE).await.unwrap();
    // Enough requests on the first connection for the server to answer the second one, if it did so.
    for _ in 0..100 {
        ask_live(&mut first).await;
    }
    let early = second.try_read(&mut [0; 1]);
    assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    let mut status = [0; 12];
    let read = tokio::time::timeout(TIME_LIMIT, second.read_exact(&mut status)).await;
    read.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

#[tokio::test]
async fn server_recovers_after_file_descriptors_ran_out() {
    let server = Server::start(&[]);
    let id = server.id().to_string();
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    let limited = Command::new("prlimit")
        .args(["--pid", &id, &format!("--nofile={}", open + 5)])
        .status();
    assert!(limited.unwrap().success());
    let mut connections = Vec::new();
    for _ in 0..10 {
        connections.push(connect(&server).await);
    }
    server.await_event("no connection can be accepted");
    drop(connections);
    assert_eq!(server.get("/health/live").await.status(), 200);
}

#[tokio::test]
async fn silent_connections_do_not_delay_shutdown() {
    let mut server = Server::start(&[
        "--grace-period",
        UNREACHED,
        "--header-timeout",
        UNREACHED,
        "--keep-alive-timeout",
        UNREACHED,
    ]);
    let silent = connect(&server).await;
    let mut half = connect(&server).await;
    half.write_all(&LIVE[..20]).await.unwrap();
    let mut idle = connect(&server).await;
    ask_live(&mut idle).await;
    let mut half_again = connect(&server).await;
    ask_live(&mut half_again).await;
    half_again.write_all(&LIVE[..20]).await.unwrap();
    server.terminate();
    assert!(server.wait().success());
    drop((silent, half, idle, half_again));
}

#[tokio::test]
async fn draining_server_serves_but_is_not_ready() {
    let server = Server::start(&["--drain-delay", UNREACHED]);
    server.terminate();
    server.await_event("finishing what is under way");
    problem(server.get("/health/ready").await, 503).await;
    let mut connection = connect(&server).await;
    ask_live(&mut connection).await;
    let scored = server.post("/v1/score", example().to_string()).await;
    assert_eq!(scored.status(), 200);
    let lines = format!("{}\n", example());
    let request = server.http().post(server.url("/v1/score"));
    let request = request.header("content-type", "application/x-ndjson");
    let answer = request
        .body(lines)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(answer.contains("\"traits\""), "{answer}");
}

#[test]
fn server_ends_after_the_drain_delay() {
    let mut server = Server::start(&["--drain-delay", "1"]);
    server.terminate();
    assert!(server.wait().success());
}
