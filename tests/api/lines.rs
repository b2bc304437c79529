//! `POST /v1/score` with NDJSON: a history a line in, an answer a line out, while the body is still arriving.

use futures_util::{StreamExt as _, stream};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, RequestBuilder, Response};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::histories::{example, history, large, spent};
use crate::server::{Server, problem};

const NDJSON: &str = "application/x-ndjson";

/// A request whose body is NDJSON.
pub(crate) fn sending(server: &Server, path: &str, body: impl Into<Body>) -> RequestBuilder {
    let request = server.client().post(server.url(path));
    request.header(CONTENT_TYPE, NDJSON).body(body)
}

/// A body that arrives as it is sent through the channel, and ends with it.
pub(crate) fn arriving() -> (mpsc::UnboundedSender<String>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel::<String>();
    let parts = stream::unfold(receiver, async |mut receiver| {
        let part = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(part), receiver))
    });
    (sender, Body::wrap_stream(parts))
}

/// The lines of an answer, as they arrive.
pub(crate) struct Answer {
    response: Response,
    unread: Vec<u8>,
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], NDJSON);
        assert!(response.headers().contains_key("x-request-id"));
        Self {
            response,
            unread: Vec::new(),
        }
    }

    /// The next line's text; nothing once the answer has ended.
    pub(crate) async fn text(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Some(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            let Some(data) = self.response.chunk().await.unwrap() else {
                assert!(self.unread.is_empty(), "the last line has no end");
                return None;
            };
            self.unread.extend_from_slice(&data);
        }
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> Value {
        serde_json::from_str(&self.text().await.unwrap()).unwrap()
    }
}

/// All lines of an answer.
async fn answers(server: &Server, body: impl Into<Body>) -> Vec<String> {
    let mut answer = Answer::to(sending(server, "/v1/score", body)).await;
    let mut lines = Vec::new();
    while let Some(line) = answer.text().await {
        lines.push(line);
    }
    lines
}

async fn alone(server: &Server, body: impl Into<Body>) -> String {
    server.post("/v1/score", body).await.text().await.unwrap()
}

#[tokio::test]
async fn each_line_gets_the_answer_that_it_gets_alone_and_in_its_place() {
    let server = Server::start(&[]);
    let histories: Vec<String> = (0..300)
        .map(|number| match number % 3 {
            0 => large(number + 1),
            1 => history(&vec![spent("2019-05-01", -5.0, "rent"); number]).to_string(),
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
async fn a_bad_line_becomes_a_problem_on_its_line_and_the_rest_go_on() {
    let server = Server::start(&["--max-body-bytes", "2000"]);
    let good = history(&[spent("2019-05-01", -5.0, "rent")]).to_string();
    let bad_class = history(&[spent("2019-05-01", -5.0, "Zmizelý")]).to_string();
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
    let told: Vec<(Option<u64>, Option<u64>)> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["status"].as_u64(), line["line"].as_u64()))
        .collect();
    let scoring = (None, None);
    assert_eq!(
        told,
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
async fn a_line_is_answered_before_the_next_one_is_sent() {
    let server = Server::start(&[]);
    let (sender, body) = arriving();
    let mut answer = Answer::to(sending(&server, "/v1/score", body)).await;
    for amount in 1..=5 {
        let history = history(&[spent("2019-05-01", -f64::from(amount), "rent")]).to_string();
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
async fn a_body_without_a_line_has_an_answer_without_a_line() {
    let server = Server::start(&[]);
    for body in ["", "\n", " \n\r\n\n"] {
        assert!(answers(&server, body).await.is_empty());
    }
    let response = server.post("/v1/explain", "x").await;
    problem(response, 400).await;
    let explain = sending(&server, "/v1/explain", "{}").send().await.unwrap();
    problem(explain, 415).await;
}

/// What a process holds in memory, in bytes.
fn resident(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1_024
}

#[tokio::test]
async fn who_does_not_read_is_not_read_from_and_others_do_not_notice() {
    let server = Server::start(&["--max-held-bytes", "67108864"]);
    let line = large(2_000) + "\n";
    let before = resident(&server);
    // More than any buffers hold, from three clients who do not read.
    let deaf: Vec<_> = (0..3)
        .map(|_| {
            let endless = stream::repeat(line.clone()).map(Ok::<_, std::io::Error>);
            sending(&server, "/v1/score", Body::wrap_stream(endless))
        })
        .map(|request| tokio::spawn(Answer::to(request)))
        .collect();
    let mut unread = Vec::new();
    for answer in deaf {
        unread.push(answer.await.unwrap());
    }
    // Bodies that are parsed aside go through beside them, as do small ones.
    let body = large(5_000);
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
async fn a_line_beyond_the_limit_takes_no_memory_while_it_goes_on() {
    let server = Server::start(&[]);
    let before = resident(&server);
    let (sender, body) = arriving();
    let mut answer = Answer::to(sending(&server, "/v1/score", body)).await;
    let megabyte = " ".repeat(1 << 20);
    for _ in 0..200 {
        sender.send(megabyte.clone()).unwrap();
    }
    sender.send(format!("\n{}\n", large(1))).unwrap();
    assert_eq!(answer.line().await["status"], 413);
    assert!(answer.line().await["features"].is_object());
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn a_server_that_ends_finishes_the_lines_it_has_and_says_so() {
    let mut server = Server::start(&[]);
    let (score, body) = arriving();
    let (feed, transactions) = arriving();
    let mut lines = Answer::to(sending(&server, "/v1/score", body)).await;
    let mut stream = Answer::to(sending(&server, "/v1/stream", transactions)).await;
    score.send(large(3) + "\n").unwrap();
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
async fn who_falls_silent_is_told_so_and_who_leaves_costs_nobody_anything() {
    let server = Server::start(&["--body-timeout", "1"]);
    let (sender, body) = arriving();
    let mut answer = Answer::to(sending(&server, "/v1/score", body)).await;
    let line = example().to_string().replace('\n', "") + "\n";
    sender.send(line.clone()).unwrap();
    assert!(answer.line().await["features"].is_object());
    // Half a line is no line.
    sender.send(line[..40].to_owned()).unwrap();
    let problem = answer.line().await;
    assert_eq!(problem["type"], "urn:microseg:problem:body-timeout");
    assert_eq!(answer.text().await, None);

    let (sender, body) = arriving();
    let mut answer = Answer::to(sending(&server, "/v1/score", body)).await;
    for _ in 0..50 {
        sender.send(line.clone()).unwrap();
    }
    answer.line().await;
    drop(answer);
    server.ask("/v1/score", &example(), 200).await;
}
