//! `POST /v1/stream`: a customer's transactions arrive a line at a time, and what they lead to goes out as it happens.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};
use serde::Deserialize;

use super::body::MediaType;
use super::choice::ChosenModel;
use super::context::Arrival;
use super::lines::{BodyLines, Chunk};
use super::written::{Left, Written, answer_with_lines, write_line};
use super::{ApiError, App};
use microseg_encoding::LiveHistory;
use microseg_history::{Identifier, Moment, UnknownClass};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Event, LiveError, LiveScoring};
use microseg_timing::{Timing, milliseconds};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/stream", post(stream))
}

/// The longest line of one transaction: it is parsed between the requests of others.
const LINE_BYTES: usize = 64 * 1024;

/// What a stream may be asked for, as text: each parameter is read by itself, so that a fault can be named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    customer_id: Option<String>,
    as_of: Option<String>,
    unknown_class: Option<String>,
    late: Option<String>,
    /// These two choose the model, and are read elsewhere.
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "version")]
    _version: Option<String>,
}

/// What is to be done with a transaction whose period has closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// It is told, counted and left out.
    Count,
    /// It ends the stream.
    Reject,
}

/// How a stream is to be read.
struct Options {
    customer_id: Option<Identifier>,
    as_of: Option<Moment>,
    unknown_class: UnknownClass,
    late: Late,
}

impl TryFrom<StreamQuery> for Options {
    type Error = ApiError;

    fn try_from(query: StreamQuery) -> Result<Self, ApiError> {
        let refused = |parameter, expected| ApiError::Query {
            parameter,
            expected,
        };
        let customer_id = query.customer_id.as_deref().map(Identifier::parse);
        let as_of = query.as_of.as_deref().map(Moment::parse);
        Ok(Self {
            customer_id: customer_id
                .transpose()
                .map_err(|_| refused("customer_id", "the id of a customer"))?,
            as_of: as_of
                .transpose()
                .map_err(|_| refused("as_of", "a time such as 2019-03-01T10:00:00Z, or a date"))?,
            unknown_class: match query.unknown_class.as_deref() {
                None | Some("error") => UnknownClass::Refuse,
                Some("skip") => UnknownClass::Count,
                Some(_) => return Err(refused("unknown_class", "error or skip")),
            },
            late: match query.late.as_deref() {
                None | Some("count") => Late::Count,
                Some("reject") => Late::Reject,
                Some(_) => return Err(refused("late", "count or reject")),
            },
        })
    }
}

async fn stream(
    State(app): State<App>,
    Extension(arrival): Extension<Arrival>,
    ChosenModel(model): ChosenModel,
    query: Result<Query<StreamQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    if MediaType::of(request.headers()) != Some(MediaType::Ndjson) {
        return Err(ApiError::UnsupportedMediaType {
            expected: "a transaction a line as content-type: application/x-ndjson",
        });
    }
    let Query(query) = query.map_err(|_| ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, as_of, unknown_class, late, model and version, each once",
    })?;
    let options = Options::try_from(query)?;
    let asked = Asked {
        model,
        options,
        arrival,
    };
    let body = request.into_body();
    Ok(answer_with_lines(|written| {
        answer(app, asked, body, written)
    }))
}

/// What a stream is asked for.
struct Asked {
    model: Arc<Model>,
    options: Options,
    arrival: Arrival,
}

/// Why a stream ends before its body does.
enum Ending {
    Problem(Problem),
    /// Nobody reads any more.
    Left,
}

impl From<ApiError> for Ending {
    fn from(error: ApiError) -> Self {
        Self::Problem(error.into_problem())
    }
}

impl From<Left> for Ending {
    fn from(_: Left) -> Self {
        Self::Left
    }
}

async fn answer(app: App, asked: Asked, body: Body, mut written: Written) {
    let Asked {
        model,
        options,
        arrival,
    } = asked;
    let mut timing = Timing::default();
    let mut lines = BodyLines::new(body, &app, LINE_BYTES);
    let ended = follow(&model, options, &mut lines, &mut written, &mut timing).await;
    app.metrics().took(&timing);
    tracing::info!(
        duration_ms = milliseconds(arrival.0.elapsed()),
        parse_ms = milliseconds(timing.parse),
        queue_ms = milliseconds(timing.queue),
        network_ms = milliseconds(timing.network),
        complete = ended.is_ok(),
        "the stream ended"
    );
    match ended {
        Ok(()) => app.metrics().history(200),
        Err(Ending::Left) => return,
        Err(Ending::Problem(problem)) => {
            app.metrics().history(problem.kind().status());
            if send(&mut written, &[Event::Problem(problem)])
                .await
                .is_err()
            {
                return;
            }
        }
    }
    written.end();
}

async fn follow(
    model: &Model,
    options: Options,
    lines: &mut BodyLines,
    written: &mut Written,
    timing: &mut Timing,
) -> Result<(), Ending> {
    let Options {
        customer_id,
        as_of,
        unknown_class,
        late,
    } = options;
    let history = LiveHistory::new(model.encoder(), as_of, unknown_class);
    let mut live = LiveScoring::new(model, history);
    while let Some(chunk) = lines.next().await? {
        add(&mut live, &chunk, late, written, timing).await?;
        // A client who sends without a pause leaves room for others.
        tokio::task::yield_now().await;
    }
    let refused = |error| Ending::Problem(problem(error));
    let closed = live.close(timing).await;
    let closed = closed.map_err(|error| refused(error.into()))?;
    if !closed.is_empty() {
        send(written, &closed).await?;
    }
    let scored = live.score(customer_id, timing).await;
    send(written, &[scored.map_err(refused)?]).await?;
    Ok(())
}

/// Adds the transactions on some lines.
async fn add(
    live: &mut LiveScoring<'_>,
    chunk: &Chunk,
    late: Late,
    written: &mut Written,
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
            send(written, &events).await?;
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

async fn send(written: &mut Written, events: &[Event]) -> Result<(), Left> {
    let mut text = Vec::new();
    for event in events {
        write_line(&mut text, event);
    }
    written.send(text).await
}

/// A transaction that came after its period had closed, where none may.
fn late_transaction() -> Problem {
    Problem::at(
        ProblemKind::InvalidContent,
        "/timestamp",
        "its period has closed already: transactions come in the order of time",
    )
}
