//! The body of `POST /v1/stream`. The first line says how large the pieces are that it comes in, and what is asked.

use serde_json::Value;

use super::json::{Json, is_well_formed};
use super::server::{BODY_BYTES, post};
use super::{problem, request};

/// The longest line that a stream takes; beyond what libFuzzer is asked to make.
const LINE_BYTES: usize = 64 * 1024;

/// What the stream says at its end is what the same transactions say at once.
pub fn run(data: &[u8]) {
    let (first, body) = request::split(data);
    let (size, query) = first.split_once(' ').unwrap_or((first, ""));
    let address = format!("/v1/stream?{query}");
    let headers = [("content-type", "application/x-ndjson")];
    let Some(answer) = post(&address, &headers, request::pieces(body, size)) else {
        return;
    };
    if answer.status != 200 {
        return problem::check(&answer.json(), None);
    }
    let events: Vec<Value> = request::lines(&answer.body, usize::MAX)
        .map(|(number, event)| {
            serde_json::from_slice(event).unwrap_or_else(|error| panic!("event {number}: {error}"))
        })
        .collect();
    let Some((last, before)) = events.split_last() else {
        panic!("a stream ends without a word");
    };
    let is_scored = last["event"] == "score";
    assert!(is_scored || last["event"] == "problem");
    let (mut late, mut periods) = (0, 0);
    for event in before {
        match event["event"].as_str() {
            Some("late") => late += 1,
            Some("period") => periods += 1,
            _ => panic!("{event} before the end"),
        }
    }
    if !is_scored && let Some(last) = Json::read(last.to_string().as_bytes()) {
        problem::check(&last, None);
    }
    if is_scored {
        let lines = request::lines(body, LINE_BYTES).count();
        assert_eq!(last["quality"]["transactions"], lines);
        assert!(periods > 0);
    }
    if late == 0 && !query.contains(['%', '+', '&', '#', '\\']) {
        at_once(query, body, last, is_scored);
    }
}

/// Sends the same transactions as one history.
fn at_once(query: &str, body: &[u8], last: &Value, is_scored: bool) {
    let option = match query.split_once('=') {
        Some((
            name @ ("as_of" | "unknown_class" | "customer_id" | "time_zone" | "mixed_currencies"),
            value,
        )) => {
            format!("\"{name}\":\"{value}\",")
        }
        Some(("late", "reject")) => return,
        _ => String::new(),
    };
    let lines: Vec<&[u8]> = request::lines(body, LINE_BYTES)
        .map(|(_, line)| line)
        .collect();
    let begin = format!("{{{option}\"transactions\":[");
    let history = [begin.as_bytes(), &lines.join(&b','), b"]}"].concat();
    if history.len() > BODY_BYTES {
        return;
    }
    let headers = [("content-type", "application/json")];
    let Some(answer) = post("/v1/score", &headers, vec![history]) else {
        return;
    };
    if is_scored {
        let mut last = last.clone();
        last.as_object_mut().and_then(|last| last.remove("event"));
        let scoring: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert_eq!(last, scoring, "at once it would be otherwise");
    } else if lines.iter().all(|line| is_well_formed(line)) {
        assert_ne!(answer.status, 200, "at once it would be scored");
    }
}
