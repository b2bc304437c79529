//! Slow and greedy clients, and how the server ends without waiting for them.

use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::histories::example;
use crate::server::{PATIENCE, Server, problem};

/// Longer than any test: what is under test must end it.
const FOR_EVER: &str = "100000";

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Sends a request and reads the beginning of its answer, which is all of it but for some bytes.
async fn ask_live(connection: &mut TcpStream) {
    connection.write_all(LIVE).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let read = tokio::time::timeout(PATIENCE, connection.read_buf(&mut answer)).await;
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
    let ended = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut rest)).await;
    // Broken off or ended, both will do.
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_is_cut_off() {
    let server = Server::start(&["--header-timeout", "1"]);
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
async fn a_client_that_takes_nothing_of_its_answers_is_cut_off() {
    let server = Server::start(&["--write-timeout", "1", "--header-timeout", FOR_EVER]);
    let mut connection = connect(&server).await;
    let request = b"GET /v1/models/spending-personality/surrogate HTTP/1.1\r\nhost: x\r\n\r\n";
    // Both ways fill up, and then nothing moves until the server gives up.
    let sending = async { while connection.write_all(request).await.is_ok() {} };
    let cut_off = tokio::time::timeout(PATIENCE, sending).await;
    assert!(cut_off.is_ok(), "the server still waits");
    assert_eq!(server.get("/health/live").await.status(), 200);
}

#[tokio::test]
async fn a_head_beyond_its_limit_is_refused() {
    let server = Server::start(&[]);
    let long = "x".repeat(100_000);
    let mut connection = connect(&server).await;
    let head = format!("GET /health/live HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    let read = tokio::time::timeout(PATIENCE, connection.read_exact(&mut status)).await;
    read.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 431");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_to_end() {
    let server = Server::start(&["--max-connections", "1", "--header-timeout", FOR_EVER]);
    let mut first = connect(&server).await;
    ask_live(&mut first).await;
    let mut second = connect(&server).await;
    second.write_all(LIVE).await.unwrap();
    // The server has had every chance to answer the second one too.
    for _ in 0..100 {
        ask_live(&mut first).await;
    }
    let early = second.try_read(&mut [0; 1]);
    assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    let mut status = [0; 12];
    let read = tokio::time::timeout(PATIENCE, second.read_exact(&mut status)).await;
    read.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_server_without_file_descriptors_recovers() {
    let mut server = Server::start(&[]);
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
async fn silent_connections_do_not_hold_up_the_end() {
    let mut server = Server::start(&["--grace-period", FOR_EVER, "--header-timeout", FOR_EVER]);
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
async fn until_the_drain_delay_is_over_it_serves_but_is_not_ready() {
    let mut server = Server::start(&["--drain-delay", FOR_EVER]);
    server.terminate();
    server.await_event("finishing what is under way");
    problem(server.get("/health/ready").await, 503).await;
    let mut connection = connect(&server).await;
    ask_live(&mut connection).await;
    let scored = server.post("/v1/score", example().to_string()).await;
    assert_eq!(scored.status(), 200);
    let lines = format!("{}\n", example());
    let request = server.client.post(server.url("/v1/score"));
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
fn after_the_drain_delay_it_ends() {
    let mut server = Server::start(&["--drain-delay", "1"]);
    server.terminate();
    assert!(server.wait().success());
}
