//! Who may do what: keys, their scopes, and what is said to whoever lacks one.

use std::process::Command;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::histories::{example, large};
use crate::server::{PATIENCE, Server, expect_failure, microseg, problem};

/// A key and its entry, from the program itself.
pub(crate) struct TestKey {
    pub(crate) key: String,
    pub(crate) entry: String,
}

impl TestKey {
    pub(crate) fn make(name: &str, scopes: &str) -> Self {
        let made = microseg()
            .args(["key", name, "--scopes", scopes])
            .output()
            .unwrap();
        assert!(made.status.success());
        let line = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        Self {
            key: line(made.stdout),
            entry: line(made.stderr),
        }
    }

    /// What the entry holds of the key.
    pub(crate) fn digest(&self) -> &str {
        self.entry.rsplit(':').next().unwrap()
    }
}

/// A file of some entries.
pub(crate) fn key_file<'a>(entries: impl IntoIterator<Item = &'a str>) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let lines: Vec<&str> = entries.into_iter().collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    file
}

/// A server that knows these keys.
pub(crate) fn server_with(keys: &[&TestKey], arguments: &[&str]) -> Server {
    let file = key_file(keys.iter().map(|key| key.entry.as_str()));
    let path = file.path().to_str().unwrap();
    Server::start(&[&["--api-keys-file", path], arguments].concat())
}

fn request(server: &Server, method: Method, path: &str) -> RequestBuilder {
    server.client.request(method, server.url(path))
}

async fn with_key(server: &Server, method: Method, path: &str, key: &TestKey) -> Response {
    let request = request(server, method, path).bearer_auth(&key.key);
    request.send().await.unwrap()
}

#[tokio::test]
async fn without_a_key_nothing_but_the_probes_answers() {
    let server = server_with(&[&TestKey::make("bank", "admin")], &[]);
    assert_eq!(server.get("/health/live").await.status(), 200);
    assert_eq!(server.get("/health/ready").await.status(), 200);
    for path in [
        "/v1/models",
        "/v1/models/spending-personality",
        "/v1/explanations?customer_id=a",
        "/v1/jobs/0199b2c0-0000-7000-8000-000000000000",
        "/metrics",
        "/v1/admin/models",
        "/nowhere",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.headers()["www-authenticate"], "Bearer", "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        problem(response, 401).await;
    }
    for path in ["/v1/score", "/v1/explain", "/v1/stream"] {
        problem(server.post(path, example().to_string()).await, 401).await;
    }
    let unknown = TestKey::make("stranger", "admin");
    let refused = with_key(&server, Method::GET, "/v1/models", &unknown).await;
    problem(refused, 401).await;
}

#[tokio::test]
async fn each_scope_opens_its_own_addresses() {
    let [score, explain, admin] =
        ["score", "explain", "admin"].map(|scope| TestKey::make(&format!("key-{scope}"), scope));
    let server = server_with(&[&score, &explain, &admin], &[]);
    let record = "/v1/explanations/0199b2c0-0000-7000-8000-000000000000";
    let verify = format!("{record}/verify");
    let job = "/v1/jobs/0199b2c0-0000-7000-8000-000000000000";
    // What the address answers whoever may use it, and which scope that takes.
    for (method, path, status, scope) in [
        (Method::POST, "/v1/score", 415, "score"),
        (Method::POST, "/v1/stream", 415, "score"),
        (Method::POST, "/v1/explain", 415, "explain"),
        (
            Method::POST,
            "/v1/models/spending-personality:predict",
            415,
            "score",
        ),
        (
            Method::POST,
            "/v1/models/spending-personality%3Aexplain",
            415,
            "explain",
        ),
        (
            Method::POST,
            "/v2/models/spending-personality/infer",
            422,
            "score",
        ),
        (Method::POST, "/v1/admin/reload", 200, "admin"),
        (Method::GET, "/v1/explanations", 422, "explain"),
        (Method::GET, record, 404, "explain"),
        (Method::POST, verify.as_str(), 404, "explain"),
        (Method::GET, job, 404, "explain"),
        (Method::DELETE, record, 404, "admin"),
        (Method::DELETE, "/v1/customers/nobody", 200, "admin"),
        (Method::GET, "/metrics", 200, "admin"),
    ] {
        for (key, good_for) in [(&score, "score"), (&explain, "explain"), (&admin, "admin")] {
            let response = with_key(&server, method.clone(), path, key).await;
            if good_for == scope || good_for == "admin" {
                assert_eq!(response.status(), status, "{method} {path} {good_for}");
            } else {
                let refused = problem(response, 403).await;
                let said = refused["detail"].as_str().unwrap();
                assert!(said.contains(&format!("`{scope}`")), "{said}");
            }
        }
    }
    for key in [&score, &explain, &admin] {
        let models = with_key(&server, Method::GET, "/v1/models", key).await;
        assert_eq!(models.status(), 200);
        problem(with_key(&server, Method::GET, "/nowhere", key).await, 404).await;
    }
}

#[tokio::test]
async fn two_keys_of_one_name_are_good_at_once() {
    let (old, new) = (
        TestKey::make("bank", "score"),
        TestKey::make("bank", "score"),
    );
    assert_ne!(old.key, new.key);
    let mut server = server_with(&[&old, &new], &[]);
    for (name, value) in [
        (AUTHORIZATION.as_str(), format!("Bearer {}", old.key)),
        ("x-api-key", new.key.clone()),
    ] {
        let scoring = request(&server, Method::POST, "/v1/score")
            .header(CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(example().to_string());
        assert_eq!(scoring.send().await.unwrap().status(), 200);
        assert_eq!(server.await_event("answered")["key"], "bank");
    }
}

#[tokio::test]
async fn a_key_is_asked_for_before_the_body() {
    let server = server_with(&[&TestKey::make("bank", "score")], &[]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    // Nothing of the body is ever sent.
    let answered = tokio::time::timeout(PATIENCE, connection.read_exact(&mut status)).await;
    answered.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 401");
}

#[tokio::test]
async fn whoever_is_still_sending_hears_why_it_is_refused() {
    let server = server_with(&[&TestKey::make("bank", "score")], &[]);
    problem(server.post("/v1/score", large(200_000)).await, 401).await;
}

fn serve() -> Command {
    let mut command = microseg();
    command.args(["serve", "--addr", "127.0.0.1:0"]);
    command
}

#[test]
fn keys_that_cannot_be_read_are_an_error_that_does_not_repeat_them() {
    let key = TestKey::make("bank", "score");
    expect_failure(
        serve().env("MICROSEG_API_KEYS", format!("{},{}", key.entry, key.key)),
        "MICROSEG_API_KEYS: entry 2: expected NAME:SCOPES:SHA256",
    );
    expect_failure(
        serve().env("MICROSEG_API_KEYS", ""),
        "there is no entry in it",
    );
    let file = key_file(["# the bank's", "bank:everything:00"]);
    expect_failure(
        serve().arg("--api-keys-file").arg(file.path()),
        "line 2 (bank): expected scopes",
    );
    expect_failure(
        serve().args(["--api-keys-file", "/nowhere/keys"]),
        "--api-keys-file /nowhere/keys: ",
    );
}

#[tokio::test]
async fn keys_come_from_the_variable_too() {
    let key = TestKey::make("bank", "score");
    let server = Server::start_with(&[("MICROSEG_API_KEYS", &key.entry)], &[]);
    problem(server.get("/v1/models").await, 401).await;
    let models = with_key(&server, Method::GET, "/v1/models", &key).await;
    assert_eq!(models.status(), 200);
}
