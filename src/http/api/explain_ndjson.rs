//! NDJSON form of `POST /v1/explain`: any number of histories through one request, a line each, explained in their order.
//!
//! As many lines as there are threads for explanations are under way at once, and no other one is parsed before. When the client does
//! not read, nothing more of its body is taken from the connection in the end. Each explanation is recorded before its line is sent.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::request::{
    AbortedOnDrop, BodyLines, Chunk, Line, PartSender, answer_with_lines, write_line,
};
use crate::state::{
    Account, Answers, Assignment, Bodies, Explainer, Held, PARSED_IN_PLACE, StateTokens, counted,
};
use crate::{ApiError, RequestId};
use microseg_config::KeepInput;
use microseg_encoding::History;
use microseg_explain::{Options, Origin};
use microseg_model::Model;
use microseg_problem::Problem;
use microseg_timing::Timing;

/// What an explanation counts as while its client has not read it: that of all dimensions of a state by cell fits.
const EXPLANATION_BYTES: usize = 256 * 1024;

/// A model, and the states that explaining lines with it needs.
#[derive(Clone)]
pub(super) struct NdjsonExplainer {
    pub(super) model: Arc<Model>,
    pub(super) explainer: Explainer,
    pub(super) tokens: StateTokens,
    pub(super) bodies: Bodies,
    pub(super) answers: Answers,
    pub(super) account: Account,
    pub(super) request_id: RequestId,
}

impl NdjsonExplainer {
    /// Answers each line of a body, which has a place among the streams.
    pub(super) fn answer(self, body: Body, place: Held) -> Response {
        answer_with_lines(|sender| async move {
            let _place = place;
            answer(self, body, sender).await;
        })
    }

    /// The answer to a line: the record of its explanation, or the problem with it.
    async fn line(self, chunk: Arc<Chunk>, line: Line) -> Bytes {
        let number = line.number;
        let answered = async {
            // Before the work: what was recorded is not lost for want of memory.
            let memory = self.answers.wait(EXPLANATION_BYTES).await?;
            let record = self.record(chunk, line).await?;
            Ok::<_, ApiError>(counted(record, memory))
        };
        match answered.await {
            Ok(text) => text,
            Err(error) => problem_on(number, error.into_problem()),
        }
    }

    /// Explains a line: the bytes of its record, and the end of a line.
    async fn record(&self, chunk: Arc<Chunk>, line: Line) -> Result<Vec<u8>, ApiError> {
        let started_at = Instant::now();
        let admitted = self.explainer.records.store.admit().await?;
        let keeps_history = self.explainer.records.keep_input == KeepInput::History;
        let request = chunk.keep(&line).filter(|_| keeps_history);
        let (history, options) = self.read(chunk, line).await?;
        let timing = Timing {
            parse: started_at.elapsed(),
            ..Timing::default()
        };
        let assignment = Assignment {
            model: self.model.clone(),
            history,
            options,
            origin: Origin {
                id: Uuid::now_v7(),
                request_id: Some(self.request_id.as_str().to_owned()),
                started_at,
            },
            request,
            admitted,
            of_job: false,
            account: self.account.clone(),
        };
        let (mut record, _) = self.explainer.explain(assignment, timing).await?;
        record.push(b'\n');
        Ok(record)
    }

    async fn read(&self, chunk: Arc<Chunk>, line: Line) -> Result<(History, Options), ApiError> {
        let (model, tokens, limit) = (self.model.clone(), self.tokens.clone(), self.bodies.limit);
        let is_small = chunk
            .text(&line)
            .is_none_or(|text| text.len() <= PARSED_IN_PLACE);
        let read = move || {
            let text = chunk.text(&line).ok_or(ApiError::BodyTooLarge { limit })?;
            let (history, options) = tokens.read_with::<Options>(&model, text, "explain")?;
            Ok::<_, ApiError>((history, options.unwrap_or_default()))
        };
        if is_small {
            read()
        } else {
            self.bodies.pool.run(read).await?
        }
    }
}

async fn answer(explainer: NdjsonExplainer, body: Body, mut sender: PartSender) {
    let bodies = &explainer.bodies;
    let at_once = explainer.explainer.at_once;
    let mut lines = BodyLines::new(body, bodies, bodies.limit);
    let mut waiting: VecDeque<(Arc<Chunk>, Line)> = VecDeque::new();
    let mut under_way = FuturesOrdered::new();
    let mut ends = None;
    loop {
        while under_way.len() < at_once
            && let Some((chunk, line)) = waiting.pop_front()
        {
            under_way.push_back(Work::on(&explainer, chunk, line));
        }
        tokio::select! {
            biased;
            Some(text) = under_way.next() => {
                if sender.send(text).await.is_err() {
                    tracing::info!("the client left before the last line");
                    return;
                }
            }
            chunk = lines.next(), if ends.is_none() && waiting.is_empty() && under_way.len() < at_once => {
                match chunk {
                    Ok(Some(chunk)) => {
                        let of_chunk = chunk.lines.clone();
                        let chunk = Arc::new(chunk);
                        waiting.extend(of_chunk.into_iter().map(|line| (chunk.clone(), line)));
                    }
                    Ok(None) => ends = Some(None),
                    Err(error) => ends = Some(Some(error)),
                }
            }
            else => break,
        }
    }
    if let Some(Some(error)) = ends {
        let mut text = Vec::new();
        write_line(&mut text, &error.into_problem());
        if sender.send(text).await.is_err() {
            return;
        }
    }
    sender.end();
}

fn problem_on(number: u64, problem: Problem) -> Bytes {
    let mut text = Vec::new();
    write_line(&mut text, &problem.on_line(number));
    text.into()
}

/// The work on a line.
struct Work {
    task: AbortedOnDrop<Bytes>,
    number: u64,
}

impl Work {
    fn on(explainer: &NdjsonExplainer, chunk: Arc<Chunk>, line: Line) -> Self {
        let number = line.number;
        let work = explainer.clone().line(chunk, line).in_current_span();
        let task = AbortedOnDrop::spawn(work);
        Self { task, number }
    }
}

impl Future for Work {
    /// The answer to the line.
    type Output = Bytes;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Bytes> {
        Pin::new(&mut self.task).poll(context).map(|done| {
            done.unwrap_or_else(|_| problem_on(self.number, ApiError::Interrupted.into_problem()))
        })
    }
}
