//! The OpenAPI document, its examples and its page.

use reqwest::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use test_support::command::microseg;
use test_support::server::Server;
use test_support::shared_server::shared_server;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");

/// Tolerance for the rounding of other processors.
const TOLERANCE: f64 = 1e-4;

/// Members that differ between two answers.
const VARYING: [&str; 10] = [
    "id",
    "created_at",
    "request_id",
    "timing_ms",
    "href",
    "next_cursor",
    "previous_sha256",
    "document_sha256",
    "record_sha256",
    "libtorch",
];

/// Documents with long lists, of which the example shows the first items.
const SHORTENED: [&str; 4] = ["model", "surrogate", "segments", "attractors"];

fn text_of(file: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap()
}

fn example(name: &str) -> Value {
    serde_json::from_str(&text_of(&format!("examples/{name}.json"))).unwrap()
}

/// The first two items of every list.
fn shorten(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().take(2).map(shorten).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, shorten(value)))
            .collect(),
        other => other,
    }
}

fn assert_same(shown: &Value, is: &Value, place: &str) {
    match (shown, is) {
        (Value::Object(shown), Value::Object(is)) => {
            let names = |members: &serde_json::Map<String, Value>| {
                members.keys().cloned().collect::<Vec<_>>()
            };
            assert_eq!(names(shown), names(is), "{place}");
            for (name, value) in shown {
                // The ids of segments and attractors are no UUIDs and do not vary.
                let is_uuid = value.as_str().is_some_and(|text| text.len() == 36);
                if !VARYING.contains(&name.as_str()) || (name == "id" && !is_uuid) {
                    assert_same(value, &is[name], &format!("{place}/{name}"));
                }
            }
        }
        (Value::Array(shown), Value::Array(is)) => {
            assert_eq!(shown.len(), is.len(), "{place}");
            for (index, (shown, is)) in shown.iter().zip(is).enumerate() {
                assert_same(shown, is, &format!("{place}/{index}"));
            }
        }
        (Value::Number(shown), Value::Number(is)) => {
            let difference = shown.as_f64().unwrap() - is.as_f64().unwrap();
            assert!(difference.abs() <= TOLERANCE, "{place}: {shown} {is}");
        }
        (shown, is) => assert_eq!(shown, is, "{place}"),
    }
}

/// Compares an example with the answer, or writes it with `WRITE_DOCUMENTS`.
fn check(name: &str, answer: Value) {
    let answer = if SHORTENED.contains(&name) {
        shorten(answer)
    } else {
        answer
    };
    if std::env::var_os("WRITE_DOCUMENTS").is_some() {
        let file = format!("{FOLDER}/examples/{name}.json");
        std::fs::write(file, format!("{answer:#}\n")).unwrap();
    } else {
        assert_same(&example(name), &answer, name);
    }
}

#[tokio::test]
async fn examples_in_the_document_are_actual_answers() {
    let server = Server::start(&[]);
    let history = example("score.request");
    check("score", server.ask("/v1/score", &history, 200).await);
    let request = example("explain.request");
    let explained = server.ask("/v1/explain", &request, 201).await;
    let page = server.get("/v1/explanations?customer_id=c-1029").await;
    check("explanations", page.json().await.unwrap());
    let id = explained["id"].as_str().unwrap().to_owned();
    check("explain", explained);
    let verified = format!("/v1/explanations/{id}/verify");
    let verified = server.ask(&verified, &json!({}), 200).await;
    check("verify", verified);
    let head = server.get("/v1/audit/head").await.json().await.unwrap();
    check("audit_head", head);
    let job = server
        .http()
        .post(server.url("/v1/explain"))
        .header("prefer", "respond-async")
        .header(CONTENT_TYPE, "application/json")
        .body(request.to_string());
    check("job", job.send().await.unwrap().json().await.unwrap());

    let name = "spending-personality";
    for (file, path) in [
        ("models", "/v1/models".to_owned()),
        ("model", format!("/v1/models/{name}")),
        ("surrogate", format!("/v1/models/{name}/surrogate")),
        ("segments", format!("/v1/models/{name}/segments")),
        ("attractors", format!("/v1/models/{name}/attractors")),
        ("metadata", format!("/v2/models/{name}")),
    ] {
        check(file, server.get(&path).await.json().await.unwrap());
    }
    let reloaded = server.ask("/v1/admin/reload", &json!({}), 200).await;
    check("reload", reloaded);
    let infer = format!("/v2/models/{name}/infer");
    let profiles = example("infer.request");
    check("infer", server.ask(&infer, &profiles, 200).await);

    let transactions = history["transactions"].as_array().unwrap();
    let lines: Vec<String> = transactions.iter().map(Value::to_string).collect();
    let streamed = server
        .http()
        .post(server.url("/v1/stream?customer_id=c-1029"))
        .header(CONTENT_TYPE, "application/x-ndjson")
        .body(lines.join("\n"));
    let streamed = streamed.send().await.unwrap().text().await.unwrap();
    let events = streamed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    check("stream", events.collect());
}

#[tokio::test]
async fn served_and_printed_documents_are_the_committed_one() {
    // The document is readable without a key.
    let entry = format!("name:score:{}", "0".repeat(64));
    let server = Server::start_with(&[("MICROSEG_API_KEYS", &entry)], &[]);
    let answer = server.get("/openapi.json").await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    let tag = answer.headers()[ETAG].clone();
    let committed = text_of("openapi.json");
    assert!(answer.text().await.unwrap() == committed);

    let again = server
        .http()
        .get(server.url("/openapi.json"))
        .header(IF_NONE_MATCH, tag);
    let again = again.send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(again.bytes().await.unwrap().is_empty());

    let printed = microseg().arg("openapi").output().unwrap();
    assert!(printed.status.success());
    assert!(printed.stdout == committed.as_bytes());
}

#[tokio::test]
async fn page_shows_every_operation_and_loads_nothing_external() {
    let server = shared_server();
    let page = server.get("/docs").await;
    assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"));
    let page = page.text().await.unwrap();
    let document: Value = serde_json::from_str(&text_of("openapi.json")).unwrap();
    for of_path in document["paths"].as_object().unwrap().values() {
        for operation in of_path.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
        }
    }
    // Every link leads to the page or to the server.
    for link in ["href=\"", "src=\""] {
        for target in page.split(link).skip(1) {
            let target = target.split('"').next().unwrap();
            let anchor = target.strip_prefix('#');
            let is_here = anchor.is_some_and(|anchor| page.contains(&format!("id=\"{anchor}\"")));
            assert!(
                is_here || ["docs/style.css", "openapi.json"].contains(&target),
                "{target}"
            );
        }
    }
    let style = server.get("/docs/style.css").await;
    assert_eq!(style.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
    let style = style.text().await.unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[tokio::test]
async fn model_and_its_verbs_allow_different_methods() {
    let server = shared_server();
    let model = "/v1/models/spending-personality";
    let verb = &format!("{model}:predict");
    for (method, path, allowed) in [
        (Method::POST, model, "GET,HEAD"),
        (Method::DELETE, model, "GET,HEAD"),
        (Method::GET, verb, "POST"),
        (Method::OPTIONS, verb, "POST"),
    ] {
        let answer = server.request(method, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()[ALLOW], allowed, "{path}");
    }
}

#[tokio::test]
async fn version_must_be_digits_and_known() {
    let server = shared_server();
    let model = "/v1/models/spending-personality?version=";
    assert_eq!(
        server.get(&format!("{model}1")).await.status(),
        StatusCode::OK
    );
    for (version, expected) in [("%2B1", 422), ("", 422), ("99999999999999999999", 404)] {
        let answer = server.get(&format!("{model}{version}")).await;
        assert_eq!(answer.status(), expected, "{version}");
    }
    let signed = "/v2/models/spending-personality/versions/+1/ready";
    assert_eq!(server.get(signed).await.status(), StatusCode::NOT_FOUND);
}
