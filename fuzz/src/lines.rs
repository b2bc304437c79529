//! The body of `POST /v1/score` with a history a line. The first line says how large the pieces are that it comes in.

use super::customer::{self, ENCODERS};
use super::json::Json;
use super::server::{BODY_BYTES, post};
use super::{problem, request};

/// Each line has an answer, in order, and it is that of the encoder.
pub fn run(data: &[u8]) {
    let [encoder, _] = &*ENCODERS;
    let (size, body) = request::split(data);
    let headers = [("content-type", "application/x-ndjson")];
    let Some(answer) = post("/v1/score", &headers, request::pieces(body, size)) else {
        return;
    };
    assert_eq!(answer.status, 200);
    let mut answers = request::lines(&answer.body, usize::MAX);
    for (number, line) in request::lines(body, BODY_BYTES) {
        let Some((_, answer)) = answers.next() else {
            panic!("line {number} has no answer");
        };
        let Some(answer) = Json::read(answer) else {
            panic!("the answer to line {number} is no JSON");
        };
        let is_scored = answer.members("features").next().is_some();
        if line.len() > BODY_BYTES {
            assert_eq!(problem::status(&answer), 413);
        } else {
            let read = customer::read(line, |line| encoder.read(line));
            assert_eq!(read.is_some(), is_scored && Json::read(line).is_some());
            assert_eq!(encoder.read(line).is_ok(), is_scored, "line {number}");
        }
        if !is_scored {
            assert_eq!(problem::line(&answer), Some(number));
            problem::check(&answer, Json::read(line).as_ref());
        }
    }
    assert!(answers.next().is_none(), "more answers than lines");
}
