//! `POST /v1/stream`: a customer's transactions, one a line, answered by events while they arrive.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::stream_options::{self, Late, StreamOptions, StreamQuery};
use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Operation, Tag, examples, lines, parameters};
use crate::request::{
    Arrival, BodyLines, Chunk, Disconnected, MediaType, PartSender, answer_with_lines, parse_query,
    write_line,
};
use crate::state::{Bodies, Telemetry};
use microseg_access::Scope;
use microseg_encoding::{LiveHistory, NotLive};
use microseg_history::{HistoryError, TransactionSchema};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Event, LiveError, LiveScoring};
use microseg_timing::{Timing, milliseconds};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/stream", Scope::Score, stream)
            .named("stream", Tag::Scoring, "Score a history as it happens")
            .description(
                "One customer's transactions, one a line, in the order of time. The answer reports each period as it \
                closes while the body still arrives, and ends with the scoring or a problem.",
            )
            .parameter(parameters::customer_id())
            .parameter(stream_options::as_of())
            .parameter(stream_options::unknown_class())
            .parameter(stream_options::time_zone())
            .parameter(stream_options::mixed_currencies())
            .parameter(stream_options::late())
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
    request: Request,
) -> Result<Response, ApiError> {
    if MediaType::of(request.headers()) != Some(MediaType::Ndjson) {
        return Err(ApiError::UnsupportedMediaType {
            expected: "a transaction a line as content-type: application/x-ndjson",
        });
    }
    let query: StreamQuery = parse_query(request.uri()).ok_or(ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, as_of, unknown_class, time_zone, mixed_currencies, late, model and version, each once, in UTF-8",
    })?;
    let options = StreamOptions::try_from(query)?;
    if !model.reads_shares_alone() {
        return Err(HistoryError::from(NotLive).into());
    }
    let requested = RequestedStream {
        model,
        options,
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
    let RequestedStream {
        model,
        options,
        arrival,
    } = requested;
    let mut timing = Timing::default();
    let mut lines = BodyLines::new(body, &bodies, LINE_BYTES);
    let ended = follow(&model, options, &mut lines, &mut sender, &mut timing).await;
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
    model: &Model,
    options: StreamOptions,
    lines: &mut BodyLines,
    sender: &mut PartSender,
    timing: &mut Timing,
) -> Result<(), Ending> {
    let StreamOptions {
        customer_id,
        history,
        late,
    } = options;
    let history = LiveHistory::new(model.encoder(), history);
    let mut live = LiveScoring::new(model, history);
    while let Some(chunk) = lines.next().await? {
        add(&mut live, &chunk, late, sender, timing).await?;
        // A client that sends without a pause must not hold up other requests.
        tokio::task::yield_now().await;
    }
    let refused = |error| Ending::Problem(problem(error));
    let closed = live.close(timing).await;
    let closed = closed.map_err(|error| refused(error.into()))?;
    if !closed.is_empty() {
        send(sender, &closed).await?;
    }
    let scored = live.score(customer_id, timing).await;
    send(sender, &[scored.map_err(refused)?]).await?;
    Ok(())
}

/// Adds the transactions on some lines.
async fn add(
    live: &mut LiveScoring<'_>,
    chunk: &Chunk,
    late: Late,
    sender: &mut PartSender,
    timing: &mut Timing,
) -> Result<(), Ending> {
    for line in &chunk.lines {
        let on_line = |problem: Problem| Ending::Problem(problem.on_line(line.number));
        let text = chunk.text(line).ok_or_else(|| {
            let detail = format!("a transaction of more than {LINE_BYTES} bytes");
            on_line(Problem::new(ProblemKind::BodyTooLarge, detail))
        })?;
        let added = live.add(line.number, text, timing).await;
        let events = added.map_err(|error| on_line(problem(error)))?;
        let is_late = matches!(events[..], [Event::Late { .. }]);
        if is_late && late == Late::Reject {
            return Err(on_line(late_transaction()));
        }
        if !events.is_empty() {
            send(sender, &events).await?;
        }
    }
    Ok(())
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
