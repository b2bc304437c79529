//! `POST /v1/explain` with NDJSON: one request a line in, one explanation a line out, while the body arrives.

use futures_util::{StreamExt as _, stream};
use reqwest::Body;
use serde_json::{Value, json};

use test_support::client::{ApiClient, problem};
use test_support::explanations::{explain, reproducible};
use test_support::histories::{example, history, small_history, transaction, with_options};
use test_support::ndjson::{LineReader, ndjson_request, open_body};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

/// The lines of the answer to a body of NDJSON.
async fn answers(server: &ApiClient, body: impl Into<Body>) -> Vec<Value> {
    let request = ndjson_request(server, "/v1/explain", body);
    let lines = LineReader::send(request).await.rest().await;
    let read = |line: String| serde_json::from_str(&line).unwrap();
    lines.into_iter().map(read).collect()
}

#[tokio::test]
async fn each_line_is_explained_in_order_as_alone_and_recorded() {
    let stored = TestStore::sqlite();
    let server = stored.start(&["--explanation-threads", "2", "--keep-input", "history"]);
    let asked: Vec<Value> = (0..12)
        .map(|number| match number % 3 {
            0 => small_history(),
            1 => with_options(example(), json!({"target": "openness", "samples": 64})),
            _ => with_options(example(), json!({"method": "global-linear"})),
        })
        .collect();
    let texts: Vec<String> = asked.iter().map(Value::to_string).collect();
    let lines = answers(&server, texts.join("\n\n")).await;
    assert_eq!(lines.len(), asked.len());
    for (line, request) in lines.iter().zip(&asked) {
        let alone = explain(&server, request).await.document;
        assert_eq!(reproducible(line.clone()), reproducible(alone));
        let path = format!("/v1/explanations/{}", line["id"].as_str().unwrap());
        assert_eq!(server.get_json(&path).await, *line);
        let verified = server
            .ask(&format!("{path}/verify"), &Value::Null, 200)
            .await;
        assert_eq!(verified["agrees"], true);
    }
    server.end();
}

#[tokio::test]
async fn bad_lines_become_problems_on_their_line_and_the_rest_is_explained() {
    let server = Server::start(&["--max-body-bytes", "2000"]);
    let good = small_history().to_string();
    let bad_target = with_options(small_history(), json!({"target": "Zmizelý"})).to_string();
    let bad_class = history(&[transaction("2019-05-01", -5.0, "Zmizelý")]).to_string();
    let too_large = format!("{good}{}", " ".repeat(3_000));
    let body = ["{", &good, "", &bad_target, &bad_class, &too_large, &good];
    let lines = answers(&server, body.join("\n")).await;
    let found: Vec<(Option<u64>, Option<u64>)> = { lines.iter() }
        .map(|line| (line["status"].as_u64(), line["line"].as_u64()))
        .collect();
    let explained = (None, None);
    assert_eq!(
        found,
        [
            (Some(400), Some(1)),
            explained,
            (Some(422), Some(4)),
            (Some(422), Some(5)),
            (Some(413), Some(6)),
            explained,
        ]
    );
    assert_eq!(lines[2]["errors"][0]["pointer"], "/explain/target");
    assert_eq!(lines[3]["errors"][0]["pointer"], "/transactions/0/class");
    assert!(
        !lines
            .iter()
            .any(|line| line.to_string().contains("Zmizelý"))
    );
}

#[tokio::test]
async fn line_is_answered_before_the_next_is_sent() {
    let server = shared_server();
    let (sender, body) = open_body();
    let request = ndjson_request(&server, "/v1/explain", body);
    let mut answer = LineReader::send(request).await;
    for samples in 32..35 {
        let asked = with_options(example(), json!({"target": "openness", "samples": samples}));
        sender.send(format!("{asked}\n")).unwrap();
        let options = &answer.line().await["options"];
        assert_eq!(options["samples"], samples);
    }
    drop(sender);
    assert_eq!(answer.text().await, None);
}

#[tokio::test]
async fn body_without_lines_is_empty_and_a_key_of_one_request_is_refused() {
    let server = shared_server();
    assert!(answers(&server, "\n \r\n").await.is_empty());
    let request = ndjson_request(&server, "/v1/explain", "");
    let request = request.header("idempotency-key", "k-1");
    let refused = problem(request.send().await.unwrap(), 422).await;
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("idempotency-key")
    );
}

/// Resident memory of the server's process in bytes.
fn resident(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1_024
}

#[tokio::test]
async fn unread_answers_stop_reading_and_hold_up_no_other() {
    let server = Server::start(&["--max-held-bytes", "67108864"]);
    explain(&server, &example()).await;
    let before = resident(&server);
    let line = with_options(
        example(),
        json!({"target": "state", "samples": 32, "top": 1_000}),
    );
    let mut unread = Vec::new();
    for _ in 0..3 {
        let endless = stream::repeat(format!("{line}\n")).map(Ok::<_, std::io::Error>);
        let body = Body::wrap_stream(endless);
        unread.push(LineReader::send(ndjson_request(&server, "/v1/explain", body)).await);
    }
    for _ in 0..5 {
        explain(&server, &small_history()).await;
    }
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 200 << 20, "{grown} bytes more");
    drop(unread);
}
