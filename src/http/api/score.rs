//! `POST /v1/score`: one history, answered by its scoring; or a history a line, answered by a line each.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::score_ndjson::{NdjsonScorer, SCORING_BYTES};
use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Operation, Tag, examples, json, lines, parameters};
use crate::request::{JsonBody, MediaType, RequestedState, state_token_parameter};
use crate::state::{Answers, Bodies, KeptBody, Shadow, Telemetry};
use microseg_access::Scope;
use microseg_encoding::{EventResamples, History};
use microseg_explain::Bounded;
use microseg_history::{HistoryError, HistorySchema};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{Scored, Scoring, certainty};
use microseg_timing::Timing;

/// A scoring, or the problem with a line.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum ScoredLine {
    Scoring(Box<Scoring>),
    Problem(Problem),
}

/// The member that asks for resamples.
const RESAMPLES: &str = "resamples";

/// How many resamples of a customer's transactions are scored.
type Resamples = Bounded<usize, 20, 1_000>;

/// The most bytes that the resamples of one history may have.
const MOST_RESAMPLED: usize = 32 * 1024 * 1024;

/// One history, and whether to say how sure its numbers are.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct ScoreRequest {
    #[schemars(flatten)]
    history: HistorySchema,
    /// How many resamples of the customer's own transactions to score beside them, for `certainty`; absent, none. Each costs as much
    /// as another scoring. Only of models that read shares alone, or events.
    #[schemars(example = 100)]
    resamples: Option<Resamples>,
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/score", Scope::Score, score)
            .named("score", Tag::Scoring, "Score a history, or a history a line")
            .description(
                "One history as `application/json` is answered by its scoring. Histories as `application/x-ndjson`, one a \
                line and any number of them, are answered line by line in their order while the body still arrives; a bad \
                line becomes a problem on its line, and the rest go on. `resamples`, of one history alone, says how sure its \
                numbers are.",
            )
            .parameter(parameters::model())
            .parameter(parameters::version())
            .parameter(state_token_parameter())
            .body(json::<ScoreRequest>(examples::score_request))
            .body(lines::<HistorySchema>("application/x-ndjson", histories))
            .body(lines::<HistorySchema>("text/x-ndjson", histories))
            .answer(
                Answer::new(
                    200,
                    "The scoring, or a line for each.",
                    json::<Scoring>(examples::scoring),
                )
                .or(lines::<ScoredLine>("application/x-ndjson", scored_lines)),
            )
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::UnsupportedMediaType,
                ProblemKind::NotReady,
                ProblemKind::NetworkHung,
            ]),
    ]
}

fn histories() -> Vec<Value> {
    let second = json!({
        "transactions": [{"timestamp": "2020-07-20", "amount": 29.9, "mcc": 3058}],
    });
    vec![examples::score_request(), second]
}

fn scored_lines() -> Vec<Value> {
    let refused = Problem::from(HistoryError::Invalid {
        pointer: "/transactions/0/amount".to_owned(),
        detail: "expected an amount of at most 1e12 in size".to_owned(),
    });
    vec![examples::scoring(), json!(refused.on_line(2))]
}

async fn score(
    answers: Answers,
    bodies: Bodies,
    State(shadow): State<Shadow>,
    State(telemetry): State<Telemetry>,
    SelectedModel(model): SelectedModel,
    requested_state: RequestedState,
    request: Request,
) -> Result<Response, ApiError> {
    match MediaType::of(request.headers()) {
        Some(MediaType::Ndjson) => {
            let scorer = NdjsonScorer {
                model,
                bodies,
                answers,
                telemetry,
                requested_state,
            };
            let place = scorer.bodies.open_stream()?;
            Ok(scorer.answer(request.into_body(), place))
        }
        Some(MediaType::Json) => {
            let scored = score_one(&bodies, &shadow, &model, requested_state, request).await;
            let response = scored.into_response();
            telemetry.metrics().history(response.status().as_u16());
            Ok(response)
        }
        None => Err(ApiError::UnsupportedMediaType {
            expected: "one history as content-type: application/json, or a history a line as application/x-ndjson",
        }),
    }
}

async fn score_one(
    bodies: &Bodies,
    shadow: &Shadow,
    model: &Arc<Model>,
    requested_state: RequestedState,
    request: Request,
) -> Result<Response, ApiError> {
    let body = JsonBody::receive(request, bodies).await?;
    let mut timing = Timing::default();
    let copied = shadow.copy(model, || body.keep());
    let kept = body.keep();
    let (history, asked) = body
        .history_beside::<Resamples>(RESAMPLES, model, &requested_state, &mut timing)
        .await?;
    let scored = match asked {
        None => microseg_scoring::score(model, history, &mut timing).await?,
        Some(count) => {
            let asked = (kept, count.get());
            score_surely(bodies, model, history, asked, &mut timing).await?
        }
    };
    if let Some(copied) = copied {
        shadow.score(copied, &scored.scoring);
    }
    let scoring = requested_state.tokens.scoring(model, scored)?;
    let mut text = Vec::with_capacity(SCORING_BYTES);
    serde_json::to_writer(&mut text, &scoring)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((Extension(timing), json, text).into_response())
}

/// Scores a history, and resamples of it from its document.
async fn score_surely(
    bodies: &Bodies,
    model: &Arc<Model>,
    history: History,
    (document, count): (KeptBody, usize),
    timing: &mut Timing,
) -> Result<Scored, ApiError> {
    let begun = Instant::now();
    let asked = (RESAMPLES, count);
    let salt = &model.identity().sha256;
    let (history, resamples, _memory) = if history.has_events() {
        let drawn = { model.encoder() }.event_resamples(&history, asked, salt)?;
        let memory = bodies.reserve(bytes_of_events(&drawn, count)?)?;
        let resamples = bodies.pool.run(move || drawn.inputs()).await?;
        (history, resamples, memory)
    } else {
        let memory = bodies.reserve(bytes_of_shares(&history, count)?)?;
        let own = model.clone();
        let resampling = move || {
            let salt = &own.identity().sha256;
            let resamples = { own.encoder() }.resamples(&document.bytes, &history, asked, salt);
            resamples.map(|resamples| (history, resamples))
        };
        let (history, resamples) = bodies.pool.run(resampling).await??;
        (history, resamples, memory)
    };
    timing.parse += begun.elapsed();
    let mut scored = microseg_scoring::score(model, history, timing).await?;
    let found = certainty(model, resamples, &scored.scoring, timing).await?;
    scored.scoring.certainty = Some(found);
    Ok(scored)
}

/// The bytes of so many resamples of shares, if these are not too many.
fn bytes_of_shares(history: &History, count: usize) -> Result<usize, HistoryError> {
    let (periods, classes) = history.totals.spending().dim();
    let of_one = periods * classes * size_of::<f32>();
    let most = MOST_RESAMPLED / of_one.max(1);
    if count > most {
        return Err(too_many(most, format_args!("{periods} periods")));
    }
    Ok(count * of_one)
}

/// The bytes of the resamples of events that were drawn, if these are not too many.
fn bytes_of_events(drawn: &EventResamples, count: usize) -> Result<usize, HistoryError> {
    let bytes = drawn.bytes();
    if bytes > MOST_RESAMPLED {
        let most = count.saturating_mul(MOST_RESAMPLED) / bytes;
        let steps = drawn.own_steps();
        return Err(too_many(most, format_args!("{steps} events")));
    }
    Ok(bytes)
}

fn too_many(most: usize, steps: std::fmt::Arguments<'_>) -> HistoryError {
    HistoryError::Invalid {
        pointer: format!("/{RESAMPLES}"),
        detail: format!("expected at most {most}, for a history of {steps}"),
    }
}
