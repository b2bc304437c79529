//! `/v1/explanations`: what was recorded; fetched, listed, computed again, erased.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::choice::Number;
use super::{ApiError, App};
use microseg_explain::{Level, Method, Verdict, VerifyError, verify};
use microseg_history::Identifier;
use microseg_model::{Model, ModelIdentity, RequestedModel};
use microseg_store::KeptInput;
use microseg_timing::Timing;

/// How many explanations a page of the list has, unless asked otherwise.
const PAGE: usize = 50;

/// How many it may have.
const LARGEST_PAGE: usize = 100;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/explanations", get(list))
        .route("/v1/explanations/{id}", get(one).delete(erase))
        .route("/v1/explanations/{id}/verify", post(verify_one))
}

/// Where an explanation is found on this server.
pub(super) fn address(id: Uuid) -> String {
    format!("/v1/explanations/{id}")
}

/// A record's own bytes as an answer.
pub(super) fn document(record: Vec<u8>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], record)
}

/// The explanation that `{id}` in the address stands for.
struct ExplanationId(Uuid);

impl FromRequestParts<App> for ExplanationId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let id: Result<Path<Uuid>, PathRejection> = Path::from_request_parts(parts, app).await;
        // What is no UUID is no explanation's id.
        id.map(|Path(id)| Self(id))
            .map_err(|_| ApiError::NoSuchExplanation)
    }
}

async fn one(
    State(app): State<App>,
    ExplanationId(id): ExplanationId,
) -> Result<impl IntoResponse, ApiError> {
    let record = app.store().document(id).await?;
    Ok(document(record.ok_or(ApiError::NoSuchExplanation)?))
}

async fn erase(
    State(app): State<App>,
    ExplanationId(id): ExplanationId,
) -> Result<StatusCode, ApiError> {
    if app.store().erase(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NoSuchExplanation)
    }
}

/// What a list may be asked for, as text: each parameter is read by itself, so that a fault can be named.
#[derive(Deserialize)]
struct ListQuery {
    customer_id: Option<String>,
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    fn customer_id(&self) -> Result<Identifier, ApiError> {
        let given = self.customer_id.as_deref();
        // What was not UTF-8 has been replaced: nobody is called that.
        let whole = given.filter(|id| !id.contains(char::REPLACEMENT_CHARACTER));
        let id = whole.and_then(|id| Identifier::parse(id).ok());
        id.ok_or(ApiError::Query {
            parameter: "customer_id",
            expected: "the id of a customer",
        })
    }

    fn limit(&self) -> Result<usize, ApiError> {
        let Some(text) = &self.limit else {
            return Ok(PAGE);
        };
        let limit = Number::of(text)
            .and_then(|_| text.parse().ok())
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit));
        limit.ok_or(ApiError::Query {
            parameter: "limit",
            expected: "a whole number from 1 to 100",
        })
    }

    fn cursor(&self) -> Result<Option<u64>, ApiError> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(|_| ApiError::Query {
            parameter: "cursor",
            expected: "the next_cursor of a page before",
        })
    }
}

/// A page of a customer's explanations.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ExplanationList")]
pub(super) struct List {
    /// Newest first.
    explanations: Vec<Summary>,
    /// What to ask for as `cursor` to get the next page; `null` on the last one.
    #[schemars(example = "7")]
    next_cursor: Option<String>,
}

/// An explanation in short.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ExplanationSummary")]
struct Summary {
    /// The explanation's id.
    id: Uuid,
    /// When it was made, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// Where it is on this server.
    href: String,
    /// The model that is explained.
    #[schemars(with = "ModelIdentity")]
    model: Value,
    /// The surrogate's method.
    #[schemars(with = "Method")]
    method: String,
    /// What one coefficient stands for.
    #[schemars(with = "Level")]
    level: String,
    /// The names of the numbers that it explains.
    targets: Vec<String>,
    /// Whether to trust it.
    #[schemars(with = "Verdict")]
    verdict: String,
}

/// What of a record is in its summary.
#[derive(Deserialize)]
struct Recorded {
    id: Uuid,
    created_at: String,
    model: Value,
    method: RecordedMethod,
    targets: Vec<RecordedTarget>,
    quality: RecordedQuality,
}

/// Which model explained.
#[derive(Deserialize)]
struct RecordedBy {
    model: RecordedModel,
}

#[derive(Deserialize)]
struct RecordedModel {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct RecordedMethod {
    name: String,
    level: String,
}

#[derive(Deserialize)]
struct RecordedTarget {
    name: String,
}

#[derive(Deserialize)]
struct RecordedQuality {
    verdict: String,
}

async fn list(
    State(app): State<App>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<List>, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, limit and cursor, each once at the most",
    })?;
    let customer_id = query.customer_id()?;
    let (cursor, limit) = (query.cursor()?, query.limit()?);
    let page = app
        .store()
        .list(customer_id.as_str(), cursor, limit)
        .await?;
    let next_cursor = page.next.map(|entry| entry.to_string());
    // Records may be long: reading many of them must not hold up a scoring.
    let summaries = app.aside(move || {
        let documents = page.documents.iter();
        let summaries =
            documents.map(|document| Ok(Summary::of(serde_json::from_slice(document)?)));
        let summaries: Result<Vec<Summary>, serde_json::Error> = summaries.collect();
        summaries
    });
    let explanations = summaries.await??;
    Ok(Json(List {
        explanations,
        next_cursor,
    }))
}

impl Summary {
    fn of(recorded: Recorded) -> Self {
        Self {
            href: address(recorded.id),
            id: recorded.id,
            created_at: recorded.created_at,
            model: recorded.model,
            method: recorded.method.name,
            level: recorded.method.level,
            targets: recorded
                .targets
                .into_iter()
                .map(|target| target.name)
                .collect(),
            verdict: recorded.quality.verdict,
        }
    }
}

/// The answer when everything is the same; else it is a problem.
#[derive(JsonSchema, Serialize)]
pub(super) struct Agreement {
    /// The explanation's id.
    id: Uuid,
    /// Always `true`.
    agrees: bool,
}

async fn verify_one(
    State(app): State<App>,
    ExplanationId(id): ExplanationId,
) -> Result<Response, ApiError> {
    let _admitted = app.admit_explanation()?;
    let recorded = app.store().record(id).await?;
    let (record, input) = recorded.ok_or(ApiError::NoSuchExplanation)?;
    let model = model_of(&app, &record)?;
    let size = match &input {
        KeptInput::Digest => 0,
        KeptInput::Totals(kept) | KeptInput::History(kept) => kept.len(),
    };
    let held = app.hold(size)?;
    let work = move |mut timing: Timing| async move {
        let _held = held;
        let unreadable = "what was kept of its input does not fit the model that is loaded";
        let totals = match input {
            KeptInput::Digest => {
                return Err(ApiError::NotVerifiable(
                    "only the digest of its input was kept: see the server's --keep-input",
                ));
            }
            KeptInput::Totals(kept) => model.encoder().restore(&kept).map_err(|error| {
                tracing::warn!(%error, "kept totals cannot be read");
                ApiError::NotVerifiable(unreadable)
            })?,
            KeptInput::History(request) => {
                let history = model.encoder().read(&request);
                history
                    .map_err(|_| ApiError::NotVerifiable(unreadable))?
                    .totals
            }
        };
        let verified = verify(&model, &totals, &record, &mut timing).await;
        let verification = verified.map_err(|error| match error {
            VerifyError::Unreadable(error) => ApiError::Document(error),
            VerifyError::Explain(error) => ApiError::Explain(error),
        })?;
        Ok((verification, timing))
    };
    let (verification, timing) = app.compute(work, Timing::default()).await?;
    if !verification.agrees {
        return Err(ApiError::Disagreement(verification.differences));
    }
    let agreement = Agreement { id, agrees: true };
    Ok((Extension(timing), Json(agreement)).into_response())
}

/// The version that explained, as it is loaded now.
fn model_of(app: &App, record: &[u8]) -> Result<Arc<Model>, ApiError> {
    let RecordedBy { model } = serde_json::from_slice(record)?;
    let wish = RequestedModel {
        name: Some(model.name),
        version: model.version.parse().ok(),
    };
    app.choose(&wish).map_err(|error| match error {
        ApiError::Choice(_) => {
            ApiError::NotVerifiable("the version of the model that explained is not loaded")
        }
        error => error,
    })
}
