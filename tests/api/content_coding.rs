//! Compressed bodies and answers: gzip and zstd, and what unpacks to far more than it says.

use std::io::Write as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;

use test_support::client::{ApiClient, problem};
use test_support::histories::{card_payments, small_history};
use test_support::ndjson::NDJSON;
use test_support::shared_server::shared_server;

const JSON: &str = "application/json";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A text in each of the codings that are undone.
fn codings(text: &[u8]) -> [(&'static str, Vec<u8>); 2] {
    let zstd = zstd::encode_all(text, 19).unwrap();
    [("gzip", gzip(text)), ("zstd", zstd)]
}

async fn post(
    server: &ApiClient,
    path: &str,
    media_type: &str,
    coding: &str,
    body: Vec<u8>,
) -> Response {
    let request = server.post_as(path, media_type, body);
    let request = request.header(CONTENT_ENCODING, coding);
    request.send().await.unwrap()
}

#[tokio::test]
async fn compressed_body_is_read_as_the_plain_one() {
    let server = shared_server();
    let history = card_payments(2_000);
    let lines = format!("{history}\n{history}\n");
    let plain = server.post("/v1/score", history.clone()).await;
    let plain = plain.bytes().await.unwrap();
    for (coding, body) in codings(history.as_bytes()) {
        let answer = post(&server, "/v1/score", JSON, coding, body).await;
        assert_eq!(answer.status(), 200, "{coding}");
        assert_eq!(answer.bytes().await.unwrap(), plain);
    }
    for (coding, body) in codings(lines.as_bytes()) {
        let answer = post(&server, "/v1/score", NDJSON, coding, body).await;
        let text = answer.text().await.unwrap();
        let expected = [&plain[..], b"\n", &plain[..], b"\n"].concat();
        assert_eq!(text.as_bytes(), expected, "{coding}");
    }
    let tensor = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/openapi/examples/infer.request.json"
    ));
    for (coding, body) in codings(&tensor.unwrap()) {
        let path = "/v2/models/spending-personality/infer";
        let answer = post(&server, path, JSON, coding, body).await;
        assert_eq!(answer.status(), 200, "{coding}");
    }
}

#[tokio::test]
async fn body_that_is_not_in_its_coding_is_refused() {
    let server = shared_server();
    let history = small_history().to_string();
    for coding in ["gzip", "zstd"] {
        let plain = history.clone().into_bytes();
        problem(post(&server, "/v1/score", JSON, coding, plain).await, 400).await;
    }
    let mut cut = gzip(history.as_bytes());
    cut.truncate(cut.len() / 2);
    problem(post(&server, "/v1/score", JSON, "gzip", cut).await, 400).await;
    for coding in ["br", "deflate", "gzip, gzip"] {
        let body = gzip(history.as_bytes());
        let refused = problem(post(&server, "/v1/score", JSON, coding, body).await, 415).await;
        assert!(
            refused["detail"].as_str().unwrap().contains("gzip or zstd"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn body_that_grows_out_of_proportion_is_broken_off() {
    let server = shared_server();
    // Less than a body may have, and it would be valid.
    let padded = |blank: &str| format!("{}{}", blank.repeat(8 << 20), small_history());
    for (coding, body) in codings(padded(" ").as_bytes()) {
        let refused = problem(post(&server, "/v1/score", JSON, coding, body).await, 413).await;
        assert!(
            refused["detail"].as_str().unwrap().contains("200 times"),
            "{refused}"
        );
    }
    for (coding, body) in codings(padded("\n").as_bytes()) {
        let answer = post(&server, "/v1/score", NDJSON, coding, body).await;
        let text = answer.text().await.unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["status"], 413, "{coding}: {text}");
    }
    // Short bodies may repeat themselves.
    let short = format!("{}{}", " ".repeat(500_000), small_history());
    for (coding, body) in codings(short.as_bytes()) {
        let answer = post(&server, "/v1/score", JSON, coding, body).await;
        assert_eq!(answer.status(), 200, "{coding}");
    }
}

#[tokio::test]
async fn answer_is_compressed_for_who_accepts_it() {
    let server = shared_server();
    let history = card_payments(500);
    let plain = server.post("/v1/score", history.clone()).await;
    assert!(plain.headers().get(CONTENT_ENCODING).is_none());
    let plain = plain.bytes().await.unwrap();
    let ask = async |media_type: &str| {
        let request = server.post_as("/v1/score", media_type, history.clone());
        let request = request.header(ACCEPT_ENCODING, "gzip");
        request.send().await.unwrap()
    };
    let answer = ask(JSON).await;
    assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
    let compressed = answer.bytes().await.unwrap();
    assert!(compressed.len() < plain.len() * 3 / 4);
    let mut text = Vec::new();
    std::io::copy(&mut GzDecoder::new(&compressed[..]), &mut text).unwrap();
    assert_eq!(text, plain);
    // Lines come as they are computed, and are not held back.
    let lines = ask(NDJSON).await;
    assert!(lines.headers().get(CONTENT_ENCODING).is_none());
    assert_eq!(lines.headers()[CONTENT_TYPE], NDJSON);
}
