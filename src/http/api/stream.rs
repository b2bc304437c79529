//! `POST /v1/stream`: a customer's transactions, one a line, answered by events while they arrive.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;

use super::stream_options::{self, Late, StreamOptions, StreamQuery};
use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Operation, Tag, examples, lines, parameters};
use crate::request::{
    Arrival, BodyLines, Disconnected, MediaType, PartSender, RequestedState, answer_with_lines,
    parse_query, state_token_parameter, write_line,
};
use crate::state::{Bodies, Held, Telemetry};
use microseg_access::Scope;
use microseg_encoding::LiveHistory;
use microseg_history::TransactionSchema;
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Event, Every, LiveError, LiveScoring, StepUnit};
use microseg_timing::{Timing, milliseconds};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/stream", Scope::Score, stream)
            .named("stream", Tag::Scoring, "Score a history as it happens")
            .description(
                "One customer's transactions, one a line, in the order of time. The answer reports each period as it \
                closes (or each transaction, where these are the steps of the model) while the body still arrives, and ends with \
                the scoring or a problem. A first line `{\"state_token\": \"…\"}` makes the stream go on from an earlier state.",
            )
            .parameter(parameters::customer_id())
            .parameter(stream_options::as_of())
            .parameter(stream_options::unknown_class())
            .parameter(stream_options::time_zone())
            .parameter(stream_options::mixed_currencies())
            .parameter(stream_options::late())
            .parameter(stream_options::every())
            .parameter(state_token_parameter())
            .parameter(parameters::model())
            .parameter(parameters::version())
            .body(lines::<TransactionSchema>(
                "application/x-ndjson",
                examples::transactions,
            ))
            .body(lines::<TransactionSchema>("text/x-ndjson", examples::transactions))
            .answer(Answer::new(
                200,
                "Events, one a line.",
                lines::<Event>("application/x-ndjson", examples::events),
            ))
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::UnsupportedMediaType,
                ProblemKind::NotReady,
                ProblemKind::NetworkHung,
            ]),
    ]
}

/// The longest line of one transaction: it is parsed between the requests of others.
const LINE_BYTES: usize = 64 * 1024;

async fn stream(
    bodies: Bodies,
    State(telemetry): State<Telemetry>,
    Extension(arrival): Extension<Arrival>,
    SelectedModel(model): SelectedModel,
    requested_state: RequestedState,
    request: Request,
) -> Result<Response, ApiError> {
    if MediaType::of(request.headers()) != Some(MediaType::Ndjson) {
        return Err(ApiError::UnsupportedMediaType {
            expected: "a transaction a line as content-type: application/x-ndjson",
        });
    }
    let query: StreamQuery = parse_query(request.uri()).ok_or(ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, as_of, unknown_class, time_zone, mixed_currencies, late, every, state_token, model and version, each once, in UTF-8",
    })?;
    let options = StreamOptions::try_from(query)?;
    let every = options.every(StepUnit::of(&model))?;
    let requested = RequestedStream {
        model,
        options,
        every,
        requested_state,
        arrival,
    };
    let place = bodies.open_stream()?;
    let body = request.into_body();
    Ok(answer_with_lines(|sender| async move {
        let _place = place;
        answer(bodies, telemetry, requested, body, sender).await;
    }))
}

/// One stream to be followed.
struct RequestedStream {
    model: Arc<Model>,
    options: StreamOptions,
    every: Every,
    requested_state: RequestedState,
    arrival: Arrival,
}

/// Why a stream ends before its body does.
enum Ending {
    Problem(Problem),
    /// The client has closed its connection.
    Disconnected,
}

impl From<ApiError> for Ending {
    fn from(error: ApiError) -> Self {
        Self::Problem(error.into_problem())
    }
}

impl From<Disconnected> for Ending {
    fn from(_: Disconnected) -> Self {
        Self::Disconnected
    }
}

async fn answer(
    bodies: Bodies,
    telemetry: Telemetry,
    requested: RequestedStream,
    body: Body,
    mut sender: PartSender,
) {
    let arrival = requested.arrival;
    let mut timing = Timing::default();
    let mut lines = BodyLines::new(body, &bodies, LINE_BYTES);
    let kept = KeptMemory::new(bodies);
    let ended = follow(requested, &mut lines, kept, &mut sender, &mut timing).await;
    telemetry.metrics().took(&timing);
    tracing::info!(
        duration_ms = milliseconds(arrival.0.elapsed()),
        parse_ms = milliseconds(timing.parse),
        queue_ms = milliseconds(timing.queue),
        network_ms = milliseconds(timing.network),
        complete = ended.is_ok(),
        "the stream ended"
    );
    match ended {
        Ok(()) => telemetry.metrics().history(200),
        Err(Ending::Disconnected) => return,
        Err(Ending::Problem(problem)) => {
            telemetry.metrics().history(problem.kind().status());
            if send(&mut sender, &[Event::Problem(problem)]).await.is_err() {
                return;
            }
        }
    }
    sender.end();
}

async fn follow(
    requested: RequestedStream,
    lines: &mut BodyLines,
    mut kept: KeptMemory,
    sender: &mut PartSender,
    timing: &mut Timing,
) -> Result<(), Ending> {
    let mut live = None;
    while let Some(chunk) = lines.next().await? {
        for line in &chunk.lines {
            let on_line = |problem: Problem| Ending::Problem(problem.on_line(line.number));
            let text = chunk.text(line).ok_or_else(|| {
                let detail = format!("a line of more than {LINE_BYTES} bytes");
                on_line(Problem::new(ProblemKind::BodyTooLarge, detail))
            })?;
            let events = match &mut live {
                Some(live) => add(live, &requested, (line.number, text), timing).await,
                None => match requested.begin(text) {
                    Ok((begun, is_token)) => {
                        let live = live.insert(begun);
                        if is_token {
                            Ok(Vec::new())
                        } else {
                            add(live, &requested, (line.number, text), timing).await
                        }
                    }
                    Err(problem) => Err(problem),
                },
            };
            let events = events.map_err(on_line)?;
            if !events.is_empty() {
                send(sender, &events).await?;
            }
        }
        kept.cover(live.as_ref().map_or(0, LiveScoring::held_bytes))?;
        // A client that sends without a pause must not hold up other requests.
        tokio::task::yield_now().await;
    }
    let refused = |error| Ending::Problem(problem(error));
    let mut live = match live {
        Some(live) => live,
        None => requested.begin(b"").map_err(Ending::Problem)?.0,
    };
    let closed = live.close(timing).await.map_err(refused)?;
    if !closed.is_empty() {
        send(sender, &closed).await?;
    }
    let RequestedState { tokens, keep } = &requested.requested_state;
    let customer = requested.options.customer_id.clone();
    let scored = live.score(customer, *keep, timing).await;
    let scored = scored.map_err(refused)?;
    let scoring = tokens.scoring(&requested.model, scored)?;
    send(sender, &[Event::Score(Box::new(scoring))]).await?;
    Ok(())
}

/// The memory for what a stream keeps of the transactions that have arrived. It counts like the bytes of a body, so that
/// open streams have no memory of their own beside the limit.
struct KeptMemory {
    bodies: Bodies,
    memory: Option<Held>,
    bytes: usize,
}

impl KeptMemory {
    /// So many bytes are taken at once.
    const STEP: usize = 16 * 1024;

    fn new(bodies: Bodies) -> Self {
        Self {
            bodies,
            memory: None,
            bytes: 0,
        }
    }

    /// Takes memory for so many bytes in all.
    ///
    /// # Errors
    /// As [`Bodies::extend`].
    fn cover(&mut self, bytes: usize) -> Result<(), ApiError> {
        if bytes > self.bytes {
            let more = (bytes - self.bytes).next_multiple_of(Self::STEP);
            self.bodies.extend(&mut self.memory, more)?;
            self.bytes += more;
        }
        Ok(())
    }
}

/// A first line that is no transaction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenLine {
    state_token: String,
}

impl RequestedStream {
    /// The history that a stream begins with, and whether its first line was the token of it.
    fn begin(&self, first_line: &[u8]) -> Result<(LiveScoring<'_>, bool), Problem> {
        let encoder = self.model.encoder();
        let settings = self.options.history.clone();
        let token: Option<TokenLine> = serde_json::from_slice(first_line).ok();
        let is_token = token.is_some();
        let history = match token {
            None => LiveHistory::new(encoder, settings),
            Some(TokenLine { state_token }) => {
                let customer = self.options.customer_id.as_ref();
                let tokens = &self.requested_state.tokens;
                let opened = tokens.open(&self.model, customer, &state_token);
                let state = opened.map_err(|error| {
                    Problem::at(
                        ProblemKind::InvalidContent,
                        "/state_token",
                        error.to_string(),
                    )
                })?;
                LiveHistory::continued(encoder, settings, state)?
            }
        };
        let live = LiveScoring::new(&self.model, history, self.every)?;
        Ok((live, is_token))
    }
}

/// Adds the transaction on a line.
async fn add(
    live: &mut LiveScoring<'_>,
    requested: &RequestedStream,
    (number, text): (u64, &[u8]),
    timing: &mut Timing,
) -> Result<Vec<Event>, Problem> {
    let events = live.add(number, text, timing).await.map_err(problem)?;
    let is_late = matches!(events[..], [Event::Late { .. }]);
    if is_late && requested.options.late == Late::Reject {
        return Err(late_transaction());
    }
    Ok(events)
}

fn problem(error: LiveError) -> Problem {
    match error {
        LiveError::History(error) => error.into(),
        LiveError::Run(error) => ApiError::from(error).into_problem(),
    }
}

async fn send(sender: &mut PartSender, events: &[Event]) -> Result<(), Disconnected> {
    let mut text = Vec::new();
    for event in events {
        write_line(&mut text, event);
    }
    sender.send(text).await
}

/// A transaction that came after its period had closed, where none may.
fn late_transaction() -> Problem {
    Problem::at(
        ProblemKind::InvalidContent,
        "/timestamp",
        "its period has closed already: transactions come in the order of time",
    )
}
