//! NDJSON form of `POST /v1/score`: any number of histories through one request, a line each, answered in their order.
//!
//! Chunks of lines are scored while the next ones arrive. What is read ahead is bounded: when the client does not
//! read, nothing more of its body is parsed, and in the end nothing more of it is taken from the connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use tracing::Instrument as _;

use crate::ApiError;
use crate::request::{
    AbortedOnDrop, BodyLines, Chunk, PartSender, RequestedState, answer_with_lines, write_line,
};
use crate::state::{Answers, Bodies, Held, PARSED_IN_PLACE, Telemetry, counted};
use microseg_encoding::History;
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Scored, Scoring, Unscored, score_each};
use microseg_sealing::LONGEST_TOKEN;
use microseg_timing::Timing;

/// A scoring of a few periods fits, and its text need not be moved as it grows.
pub(super) const SCORING_BYTES: usize = 4_096;

/// A model, and the states that scoring lines with it needs.
#[derive(Clone)]
pub(super) struct NdjsonScorer {
    pub(super) model: Arc<Model>,
    pub(super) bodies: Bodies,
    pub(super) answers: Answers,
    pub(super) telemetry: Telemetry,
    pub(super) requested_state: RequestedState,
}

impl NdjsonScorer {
    /// Answers each line of a body, which has a place among the streams.
    pub(super) fn answer(self, body: Body, place: Held) -> Response {
        answer_with_lines(|sender| async move {
            let _place = place;
            answer(self, body, sender).await;
        })
    }
}

impl NdjsonScorer {
    /// What a line of the answer may take.
    fn line_bytes(&self) -> usize {
        if self.requested_state.keep {
            SCORING_BYTES + LONGEST_TOKEN
        } else {
            SCORING_BYTES
        }
    }

    fn read(&self, chunk: &Chunk) -> Vec<Result<History, Problem>> {
        let limit = self.bodies.limit;
        let RequestedState { tokens, keep } = &self.requested_state;
        let read = |line| match chunk.text(line) {
            Some(text) => {
                let read = tokens.read(&self.model, text, *keep);
                read.map_err(Problem::from)
            }
            None => Err(Problem::new(
                ProblemKind::BodyTooLarge,
                format!("the line is larger than {limit} bytes, the limit max_body_bytes"),
            )),
        };
        chunk.lines.iter().map(read).collect()
    }

    /// The answer on one line, or the problem with it.
    fn answer_of(&self, scored: Result<Scored, Unscored<Problem>>) -> Result<Scoring, Problem> {
        match scored {
            Ok(scored) => {
                let scoring = self.requested_state.tokens.scoring(&self.model, scored);
                scoring.map_err(ApiError::into_problem)
            }
            Err(Unscored::Refused(problem)) => Err(problem),
            Err(Unscored::Failed(error)) => Err(ApiError::from(error).into_problem()),
        }
    }
}

async fn answer(scorer: NdjsonScorer, body: Body, mut sender: PartSender) {
    let bodies = &scorer.bodies;
    let mut lines = BodyLines::new(body, bodies, bodies.limit);
    let mut chunks = FuturesOrdered::new();
    let mut ends = None;
    loop {
        tokio::select! {
            biased;
            Some(text) = chunks.next() => {
                if sender.send(text).await.is_err() {
                    tracing::info!("the client left before the last line");
                    return;
                }
            }
            chunk = lines.next(), if ends.is_none() && chunks.len() < bodies.pool.chunks_at_once() => {
                match chunk {
                    Ok(Some(chunk)) => chunks.push_back(Work::on(&scorer, chunk)),
                    Ok(None) => ends = Some(Ok(())),
                    Err(error) => ends = Some(Err(error)),
                }
            }
            else => break,
        }
    }
    if let Some(Err(error)) = ends {
        let mut text = Vec::new();
        write_line(&mut text, &error.into_problem());
        if sender.send(text).await.is_err() {
            return;
        }
    }
    sender.end();
}

/// The work on a chunk.
struct Work {
    task: AbortedOnDrop<Bytes>,
    numbers: Vec<u64>,
}

impl Work {
    fn on(scorer: &NdjsonScorer, chunk: Chunk) -> Self {
        let numbers = chunk.lines.iter().map(|line| line.number).collect();
        let work = score_chunk(scorer.clone(), chunk).in_current_span();
        let task = AbortedOnDrop::spawn(work);
        Self { task, numbers }
    }
}

impl Future for Work {
    /// The lines of the chunk with their answers, in order.
    type Output = Bytes;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Bytes> {
        Pin::new(&mut self.task).poll(context).map(|done| {
            done.unwrap_or_else(|_| failed(&self.numbers, ApiError::Interrupted).into())
        })
    }
}

/// The same problem on each of some lines.
fn failed(numbers: &[u64], error: ApiError) -> Vec<u8> {
    let problem = error.into_problem();
    let mut text = Vec::new();
    for &number in numbers {
        write_line(&mut text, &problem.clone().on_line(number));
    }
    text
}

async fn score_chunk(scorer: NdjsonScorer, chunk: Chunk) -> Bytes {
    let numbers: Vec<u64> = chunk.lines.iter().map(|line| line.number).collect();
    let answers = async {
        // Before the work: what waits for its client to read is bounded.
        let memory = scorer
            .answers
            .wait(numbers.len() * scorer.line_bytes())
            .await?;
        let text = score(&scorer, chunk, &numbers).await?;
        Ok::<_, ApiError>(counted(text, memory))
    };
    let answers = answers.await;
    answers.unwrap_or_else(|error| failed(&numbers, error).into())
}

async fn score(scorer: &NdjsonScorer, chunk: Chunk, numbers: &[u64]) -> Result<Vec<u8>, ApiError> {
    let NdjsonScorer {
        model,
        bodies,
        telemetry,
        ..
    } = scorer;
    let mut timing = Timing::default();
    let begun = Instant::now();
    let is_small = chunk.lines.len() == 1 && chunk.size() <= PARSED_IN_PLACE;
    let histories = if is_small {
        scorer.read(&chunk)
    } else {
        let reader = scorer.clone();
        bodies.pool.run(move || reader.read(&chunk)).await?
    };
    timing.parse = begun.elapsed();
    let results = score_each(model, histories, &mut timing).await;
    telemetry.metrics().took(&timing);
    let answers: Vec<Result<Scoring, Problem>> = results
        .into_iter()
        .zip(numbers)
        .map(|(scored, &number)| {
            let answer = scorer.answer_of(scored);
            answer.map_err(|problem| problem.on_line(number))
        })
        .collect();
    for answer in &answers {
        let problem = answer.as_ref().err();
        let status = problem.map_or(200, |problem| problem.kind().status());
        telemetry.metrics().history(status);
    }
    if is_small {
        Ok(write(&answers))
    } else {
        bodies.pool.run(move || write(&answers)).await
    }
}

fn write(answers: &[Result<Scoring, Problem>]) -> Vec<u8> {
    let mut text = Vec::with_capacity(answers.len() * SCORING_BYTES);
    for answer in answers {
        match answer {
            Ok(scoring) => write_line(&mut text, scoring),
            Err(problem) => write_line(&mut text, problem),
        }
    }
    text
}
