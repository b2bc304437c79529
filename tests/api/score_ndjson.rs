//! `POST /v1/score` with NDJSON: one history per line in, one answer per line out, while the body arrives.

use futures_util::{StreamExt as _, stream};
use reqwest::Body;
use serde_json::Value;

use test_support::client::{ApiClient, problem};
use test_support::histories::{card_payments, example, history, transaction};
use test_support::ndjson::{LineReader, ndjson_request, open_body};
use test_support::server::Server;
use test_support::shared_server::shared_server;

/// The lines of the answer to a body of NDJSON.
async fn answers(server: &ApiClient, body: impl Into<Body>) -> Vec<String> {
    let request = ndjson_request(server, "/v1/score", body);
    LineReader::send(request).await.rest().await
}

/// The answer to one history.
async fn alone(server: &ApiClient, body: impl Into<Body>) -> String {
    server.post("/v1/score", body).await.text().await.unwrap()
}

#[tokio::test]
async fn each_line_is_answered_in_order_as_alone() {
    let server = shared_server();
    let histories: Vec<String> = (0..300)
        .map(|number| match number % 3 {
            0 => card_payments(number + 1),
            1 => history(&vec![transaction("2019-05-01", -5.0, "rent"); number]).to_string(),
            _ => example().to_string(),
        })
        .collect();
    let mut body = histories.join("\n\r\n \n");
    body.push('\n');
    let lines = answers(&server, body).await;
    assert_eq!(lines.len(), histories.len());
    for (line, history) in lines.iter().zip(histories) {
        assert_eq!(*line, alone(&server, history).await);
    }
}

#[tokio::test]
async fn bad_lines_become_problems_and_the_rest_is_scored() {
    let server = Server::start(&["--max-body-bytes", "2000"]);
    let good = history(&[transaction("2019-05-01", -5.0, "rent")]).to_string();
    let bad_class = history(&[transaction("2019-05-01", -5.0, "Zmizelý")]).to_string();
    let too_large = format!("{good}{}", " ".repeat(3_000));
    let body = [
        "{",
        &good,
        &bad_class,
        "",
        &too_large,
        &good,
        "[]",
        r#"{"transactions":[]}"#,
        &good,
    ];
    let lines = answers(&server, body.join("\n")).await;
    let problems: Vec<(Option<u64>, Option<u64>)> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["status"].as_u64(), line["line"].as_u64()))
        .collect();
    let scoring = (None, None);
    assert_eq!(
        problems,
        [
            (Some(400), Some(1)),
            scoring,
            (Some(422), Some(3)),
            (Some(413), Some(5)),
            scoring,
            (Some(422), Some(7)),
            (Some(422), Some(8)),
            scoring
        ]
    );
    assert!(lines[2].contains("/transactions/0/class"), "{}", lines[2]);
    assert!(lines[3].contains("2000 bytes"), "{}", lines[3]);
    assert!(!lines[2].contains("Zmizelý"), "{}", lines[2]);

    let metrics = server.get("/metrics").await.text().await.unwrap();
    for line in [
        r#"microseg_histories_total{outcome="scored"} 3"#,
        r#"microseg_histories_total{outcome="refused"} 5"#,
        r#"microseg_stage_duration_seconds_count{stage="network"}"#,
        r#"microseg_stage_duration_seconds_count{stage="queue"}"#,
        r#"microseg_requests_total{method="POST",route="/v1/score",status="200"} 1"#,
        "microseg_network_batch_sequences_count",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn line_is_answered_before_the_next_is_sent() {
    let server = shared_server();
    let (sender, body) = open_body();
    let mut answer = LineReader::send(ndjson_request(&server, "/v1/score", body)).await;
    for amount in 1..=5 {
        let history = history(&[transaction("2019-05-01", -f64::from(amount), "rent")]).to_string();
        let (start, end) = history.split_at(20);
        sender.send(start.to_owned()).unwrap();
        sender.send(format!("{end}\n")).unwrap();
        let spending = answer.line().await["trajectory"][0]["spending"].clone();
        assert_eq!(spending, f64::from(amount));
    }
    drop(sender);
    assert_eq!(answer.text().await, None);
}

#[tokio::test]
async fn body_without_lines_has_an_empty_answer() {
    let server = shared_server();
    for body in ["", "\n", " \n\r\n\n"] {
        assert!(answers(&server, body).await.is_empty());
    }
    let response = server.post("/v1/explain", "x").await;
    problem(response, 400).await;
    let explain = server.post_as("/v1/explain", "text/csv", "{}");
    problem(explain.send().await.unwrap(), 415).await;
}

/// Resident memory of the server's process in bytes.
fn resident(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1_024
}

#[tokio::test]
async fn unread_answers_stop_reading_and_affect_no_other() {
    let server = Server::start(&["--max-held-bytes", "67108864"]);
    let line = card_payments(2_000) + "\n";
    let before = resident(&server);
    // More than the buffers hold, from three clients that do not read the answer.
    let reading: Vec<_> = (0..3)
        .map(|_| {
            let endless = stream::repeat(line.clone()).map(Ok::<_, std::io::Error>);
            ndjson_request(&server, "/v1/score", Body::wrap_stream(endless))
        })
        .map(|request| tokio::spawn(LineReader::send(request)))
        .collect();
    let mut unread = Vec::new();
    for answer in reading {
        unread.push(answer.await.unwrap());
    }
    // Large bodies, which are parsed on other threads, are answered beside them, and so are small ones.
    let body = card_payments(5_000);
    for _ in 0..20 {
        let response = server.post("/v1/score", body.clone()).await;
        assert_eq!(response.status(), 200);
        server.ask("/v1/score", &example(), 200).await;
    }
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 300 << 20, "{grown} bytes more");
    drop(unread);
}

#[tokio::test]
async fn too_long_line_takes_no_memory() {
    let server = Server::start(&[]);
    let before = resident(&server);
    let (sender, body) = open_body();
    let mut answer = LineReader::send(ndjson_request(&server, "/v1/score", body)).await;
    let megabyte = " ".repeat(1 << 20);
    for _ in 0..200 {
        sender.send(megabyte.clone()).unwrap();
    }
    sender.send(format!("\n{}\n", card_payments(1))).unwrap();
    assert_eq!(answer.line().await["status"], 413);
    assert!(answer.line().await["features"].is_object());
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn shutdown_finishes_received_lines_with_a_last_problem() {
    let mut server = Server::start(&[]);
    let (score, body) = open_body();
    let (feed, transactions) = open_body();
    let mut lines = LineReader::send(ndjson_request(&server, "/v1/score", body)).await;
    let mut stream = LineReader::send(ndjson_request(&server, "/v1/stream", transactions)).await;
    score.send(card_payments(3) + "\n").unwrap();
    assert!(lines.line().await["features"].is_object());
    server.terminate();
    for answer in [&mut lines, &mut stream] {
        let last = answer.line().await;
        assert_eq!(last["type"], "urn:microseg:problem:not-ready");
    }
    drop((score, feed));
    assert_eq!(lines.text().await, None);
    assert_eq!(stream.text().await, None);
    assert!(server.wait().success());
}

#[tokio::test]
async fn body_timeout_ends_the_answer_with_a_problem() {
    let server = Server::start(&["--body-timeout", "1"]);
    let (sender, body) = open_body();
    let mut answer = LineReader::send(ndjson_request(&server, "/v1/score", body)).await;
    let line = example().to_string().replace('\n', "") + "\n";
    sender.send(line.clone()).unwrap();
    assert!(answer.line().await["features"].is_object());
    // Half a line is not scored.
    sender.send(line[..40].to_owned()).unwrap();
    let problem = answer.line().await;
    assert_eq!(problem["type"], "urn:microseg:problem:body-timeout");
    assert_eq!(answer.text().await, None);

    let (sender, body) = open_body();
    let mut answer = LineReader::send(ndjson_request(&server, "/v1/score", body)).await;
    for _ in 0..50 {
        sender.send(line.clone()).unwrap();
    }
    answer.line().await;
    drop(answer);
    server.ask("/v1/score", &example(), 200).await;
}
