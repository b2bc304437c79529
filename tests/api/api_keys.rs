//! API keys and their scopes: refusals without them, and entries of keys in files and variables.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_support::client::problem;
use test_support::command::{expect_failure, serve};
use test_support::histories::{card_payments, example};
use test_support::keys::{TestKey, ask_with_key, key_file, server_with_keys};
use test_support::server::Server;
use test_support::wait::TIME_LIMIT;

#[tokio::test]
async fn missing_key_answers_401_except_on_probes() {
    let server = server_with_keys(&[&TestKey::make("bank", "admin")], &[]);
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
    let unknown = TestKey::make("unknown", "admin");
    let refused = ask_with_key(&server, Method::GET, "/v1/models", &unknown).await;
    problem(refused, 401).await;
}

#[tokio::test]
async fn missing_scope_answers_403() {
    let [score, explain, admin] =
        ["score", "explain", "admin"].map(|scope| TestKey::make(&format!("key-{scope}"), scope));
    let server = server_with_keys(&[&score, &explain, &admin], &[]);
    let record = "/v1/explanations/0199b2c0-0000-7000-8000-000000000000";
    let verify = format!("{record}/verify");
    let job = "/v1/jobs/0199b2c0-0000-7000-8000-000000000000";
    // The status with the scope that the operation requires, and that scope.
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
        (Method::DELETE, "/v1/customers/unknown", 200, "admin"),
        (Method::GET, "/metrics", 200, "admin"),
    ] {
        for (key, granted) in [(&score, "score"), (&explain, "explain"), (&admin, "admin")] {
            let response = ask_with_key(&server, method.clone(), path, key).await;
            if granted == scope || granted == "admin" {
                assert_eq!(response.status(), status, "{method} {path} {granted}");
            } else {
                let refused = problem(response, 403).await;
                let detail = refused["detail"].as_str().unwrap();
                assert!(detail.contains(&format!("`{scope}`")), "{detail}");
            }
        }
    }
    for key in [&score, &explain, &admin] {
        let models = ask_with_key(&server, Method::GET, "/v1/models", key).await;
        assert_eq!(models.status(), 200);
        problem(
            ask_with_key(&server, Method::GET, "/nowhere", key).await,
            404,
        )
        .await;
    }
}

#[tokio::test]
async fn two_keys_of_one_name_are_both_accepted() {
    let (old, new) = (
        TestKey::make("bank", "score"),
        TestKey::make("bank", "score"),
    );
    assert_ne!(old.key, new.key);
    let server = server_with_keys(&[&old, &new], &[]);
    for (name, value) in [
        (AUTHORIZATION.as_str(), format!("Bearer {}", old.key)),
        ("x-api-key", new.key.clone()),
    ] {
        let scoring = server
            .request(Method::POST, "/v1/score")
            .header(CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(example().to_string());
        assert_eq!(scoring.send().await.unwrap().status(), 200);
        assert_eq!(server.await_event("answered")["key"], "bank");
    }
}

#[tokio::test]
async fn missing_key_answers_401_before_the_body_arrives() {
    let server = server_with_keys(&[&TestKey::make("bank", "score")], &[]);
    let mut connection = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    // No byte of the body is sent.
    let answered = tokio::time::timeout(TIME_LIMIT, connection.read_exact(&mut status)).await;
    answered.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 401");
}

#[tokio::test]
async fn missing_key_answers_401_while_a_large_body_is_sent() {
    let server = server_with_keys(&[&TestKey::make("bank", "score")], &[]);
    problem(server.post("/v1/score", card_payments(200_000)).await, 401).await;
}

#[test]
fn invalid_key_entry_is_refused_without_its_value() {
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
async fn keys_are_read_from_the_variable() {
    let key = TestKey::make("bank", "score");
    let server = Server::start_with(&[("MICROSEG_API_KEYS", &key.entry)], &[]);
    problem(server.get("/v1/models").await, 401).await;
    let models = ask_with_key(&server, Method::GET, "/v1/models", &key).await;
    assert_eq!(models.status(), 200);
}
