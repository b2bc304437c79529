//! Answer of `:predict`: one chunk of instances is answered at once, several are scored and written one after the other.
//!
//! Many small instances in one body have an answer some twenty times as large. What is computed ahead of the client's
//! reading is bounded, as for the lines of `/v1/score`, and counts among the bytes of answers that are held.

use std::ops::Range;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use tracing::Instrument as _;

use super::instances::{chunks, each, texts};
use crate::ApiError;
use crate::request::{AbortedOnDrop, JsonBody, PartSender, answer_in_parts};
use crate::state::{Answers, Bodies, KeptBody, StateTokens, Telemetry, counted};
use microseg_encoding::{Encoder, History};
use microseg_history::HistoryError;
use microseg_model::Model;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

const BEGIN: &[u8] = b"{\"predictions\":[";
const END: &[u8] = b"]}";

/// Memory for the scoring of an instance: some periods fit.
const SCORING_BYTES: usize = 4_096;

/// So many scorings are written on the runtime's thread; more would hold up the requests of others.
const WRITTEN_IN_PLACE: usize = 4;

/// A model, and the states that scoring instances with it needs.
#[derive(Clone)]
pub(super) struct Predictor {
    pub(super) model: Arc<Model>,
    /// A history may go on from one of them.
    pub(super) tokens: StateTokens,
    pub(super) bodies: Bodies,
    pub(super) answers: Answers,
    pub(super) telemetry: Telemetry,
}

/// The instances of a body, all of them valid.
enum Instances {
    /// So few that they are one chunk.
    Few(Vec<History>),
    /// Where each chunk is in the body, and each instance of a chunk. They are read again, chunk by chunk: all at once
    /// would take many times the memory of the body.
    Many(Vec<Vec<Range<usize>>>),
}

impl Predictor {
    /// Scores the instances of a body, if all of them are valid.
    pub(super) async fn answer(self, body: JsonBody) -> Result<Response, ApiError> {
        let mut timing = Timing::default();
        let kept = body.keep();
        let reader = self.clone();
        let read = move |_: &Encoder, bytes: &[u8]| Instances::read(&reader, bytes);
        let instances = body.parse(&self.model, &mut timing, read).await?;
        match instances {
            Instances::Few(histories) => {
                let memory = self.answers.wait(histories.len() * SCORING_BYTES).await?;
                let scored = self.score(histories, &mut timing).await?;
                let text = self.write(scored).await?;
                let answer = [BEGIN, &text, END].concat();
                let answer = ([(header::CONTENT_TYPE, JSON)], answer).into_response();
                Ok((Extension(timing), Answers::hold(answer, memory)).into_response())
            }
            Instances::Many(chunks) => {
                let answer = answer_in_parts(JSON, |sender| self.send(kept, chunks, sender));
                Ok((Extension(timing), answer).into_response())
            }
        }
    }

    /// Sends the scorings of all chunks; an error breaks the answer off, since it has begun.
    async fn send(self, body: KeptBody, chunks: Vec<Vec<Range<usize>>>, mut sender: PartSender) {
        let body = Arc::new(body);
        let mut waiting = chunks.into_iter();
        let mut scored = FuturesOrdered::new();
        let mut separator = BEGIN;
        loop {
            while scored.len() < self.bodies.pool.chunks_at_once()
                && let Some(chunk) = waiting.next()
            {
                let part = self.clone().part(body.clone(), chunk, separator);
                scored.push_back(AbortedOnDrop::spawn(part.in_current_span()));
                separator = b",";
            }
            let Some(part) = scored.next().await else {
                break;
            };
            match part.unwrap_or(Err(ApiError::Interrupted)) {
                Ok(part) => {
                    if sender.send(part).await.is_err() {
                        tracing::info!("the client left before the last prediction");
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(cause = %error, "the predictions were broken off");
                    return;
                }
            }
        }
        if sender.send(Bytes::from_static(END)).await.is_ok() {
            sender.end();
        }
    }

    /// The scorings of one chunk, behind a separator.
    async fn part(
        self,
        body: Arc<KeptBody>,
        chunk: Vec<Range<usize>>,
        separator: &'static [u8],
    ) -> Result<Bytes, ApiError> {
        let memory = self.answers.wait(chunk.len() * SCORING_BYTES).await?;
        let reader = self.clone();
        let read = move || {
            let read = |range: Range<usize>| reader.read(&body.bytes[range]);
            let histories: Result<Vec<_>, _> = chunk.into_iter().map(read).collect();
            histories
        };
        let histories = self.bodies.pool.run(read).await??;
        let mut timing = Timing::default();
        let scored = self.score(histories, &mut timing).await?;
        self.telemetry.metrics().took(&timing);
        let mut text = self.write(scored).await?;
        text.splice(0..0, separator.iter().copied());
        Ok(counted(text, memory))
    }

    /// Reads the history of one instance.
    fn read(&self, text: &[u8]) -> Result<History, HistoryError> {
        self.tokens.read(&self.model, text, false)
    }

    async fn score(
        &self,
        histories: Vec<History>,
        timing: &mut Timing,
    ) -> Result<Vec<Scoring>, ApiError> {
        let histories = histories.into_iter().map(Ok::<_, ()>).collect();
        let scored = score_each(&self.model, histories, timing).await;
        let scored = scored.into_iter().map(|scored| match scored {
            Ok(scored) => Ok(scored.scoring),
            Err(Unscored::Failed(error)) => Err(ApiError::from(error)),
            Err(Unscored::Refused(())) => Err(ApiError::Interrupted),
        });
        scored.collect()
    }

    /// The scorings as JSON, separated by commas.
    async fn write(&self, scored: Vec<Scoring>) -> Result<Vec<u8>, ApiError> {
        if scored.len() <= WRITTEN_IN_PLACE {
            Ok(write(&scored)?)
        } else {
            Ok(self.bodies.pool.run(move || write(&scored)).await??)
        }
    }
}

impl Instances {
    fn read(predictor: &Predictor, body: &[u8]) -> Result<Self, HistoryError> {
        let texts = texts(body)?;
        let chunks = chunks(&texts);
        let read = |text: &[u8]| predictor.read(text);
        if chunks.len() <= 1 {
            let histories: Result<_, _> = each(&texts, read).collect();
            return histories.map(Self::Few);
        }
        // An invalid instance refuses the request before any other one is answered.
        for history in each(&texts, read) {
            history?;
        }
        let range = |text: &[u8]| {
            let begin = text.as_ptr().addr() - body.as_ptr().addr();
            begin..begin + text.len()
        };
        let ranges = |chunk: Range<usize>| texts[chunk].iter().map(|text| range(text)).collect();
        Ok(Self::Many(chunks.into_iter().map(ranges).collect()))
    }
}

fn write(scored: &[Scoring]) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::with_capacity(scored.len() * SCORING_BYTES);
    for (place, scoring) in scored.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, scoring)?;
    }
    Ok(text)
}
