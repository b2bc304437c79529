//! Rate limits of callers, and the limit of concurrent requests.

use futures_util::future::join_all;
use reqwest::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::client::problem;
use test_support::histories::example;
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

/// The list of models, requested with a key.
async fn models(server: &Server, key: &str) -> Response {
    let request = server.http().get(server.url("/v1/models"));
    request.bearer_auth(key).send().await.unwrap()
}

/// Repeats a request until its answer has a status.
async fn ask_until<F: Future<Output = Response>>(status: u16, ask: impl Fn() -> F) -> Response {
    let asking = async {
        loop {
            let response = ask().await;
            if response.status() == status {
                return response;
            }
        }
    };
    tokio::time::timeout(TIME_LIMIT, asking).await.unwrap()
}

#[tokio::test]
async fn each_key_name_has_its_own_rate() {
    let (greedy, modest) = (
        TestKey::make("greedy", "score"),
        TestKey::make("modest", "score"),
    );
    let server = server_with_keys(&[&greedy, &modest], &["--rate-per-second", "1"]);
    let refused = ask_until(429, || models(&server, &greedy.key)).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    let refused = problem(refused, 429).await;
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("rate_per_second")
    );
    assert_eq!(models(&server, &modest.key).await.status(), 200);
    let probes = join_all((0..20).map(|_| server.get("/health/ready"))).await;
    assert!(probes.iter().all(|response| response.status() == 200));
    // The rate allows requests again.
    ask_until(200, || models(&server, &greedy.key)).await;
}

#[tokio::test]
async fn each_peer_has_its_own_rate_without_keys() {
    let server = Server::start(&["--rate-per-second", "1"]);
    problem(ask_until(429, || server.get("/v1/models")).await, 429).await;
}

#[tokio::test]
async fn requests_beyond_the_concurrency_limit_answer_503() {
    let server = Server::start(&["--max-concurrent-requests", "1"]);
    let body = example().to_string();
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /v1/score HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // The server answers 100 once it reads the body, when the request counts as running.
    let mut permission = [0; 25];
    connection.read_exact(&mut permission).await.unwrap();
    assert_eq!(&permission, b"HTTP/1.1 100 Continue\r\n\r\n");
    let refused = server.get("/v1/models").await;
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, 503).await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    ask_until(200, || server.get("/v1/models")).await;
}
