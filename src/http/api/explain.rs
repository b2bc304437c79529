//! `POST /v1/explain`: a history and the options of its explanation, answered by the explanation, or by a job; or such a history a
//! line, answered by a line each.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::explain_body::ExplainBody;
use super::explain_ndjson::NdjsonExplainer;
use super::explanations::schemas::{ExplanationRequest, RecordedExplanation};
use super::explanations::{id, record};
use super::idempotency::{self, Begun, IdempotencyKey};
use super::jobs::{self, JobDocument, Status};
use super::preference::{self, RespondAsync};
use crate::model_selector::SelectedModel;
use crate::operation::{self, Answer, Header, Operation, Tag, examples, lines, parameters};
use crate::request::{Arrival, JsonBody};
use crate::state::{
    Account, Assignment, Explainer, Jobs, KeptBody, OfCaller, Records, StateTokens,
};
use crate::{ApiError, App, RequestId, job_request};
use microseg_access::Scope;
use microseg_config::KeepInput;
use microseg_explain::{Options, Origin, check, check_history};
use microseg_history::Identifier;
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{Fold, KeyedRequest, NewJob, StoreError};
use microseg_timing::Timing;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/explain", Scope::Explain, explain)
            .named(
                "explain",
                Tag::Explanations,
                "Explain what drove the numbers of a history",
            )
            .description(
                "Fits a linear surrogate to the network near this customer (or unrolls the one of the whole population), \
                tests it where it was not fitted, and records the explanation before it is answered. With `prefer: \
                respond-async` the answer is a job. Histories as `application/x-ndjson`, one a line and any number of them, \
                are explained in their order while the body still arrives; a bad line becomes a problem on its line, and the rest \
                go on.",
            )
            .parameter(parameters::model())
            .parameter(parameters::version())
            .parameter(preference::parameter(
                "`respond-async` to get a job at once, which says when the explanation is there (RFC 7240).",
            ))
            .parameter(idempotency::parameter())
            .body(operation::json::<ExplanationRequest>(examples::explain_request))
            .body(lines::<ExplanationRequest>("application/x-ndjson", requests))
            .body(lines::<ExplanationRequest>("text/x-ndjson", requests))
            .answer(Answer::new(
                200,
                "A line for each line.",
                lines::<ExplainedLine>("application/x-ndjson", explained_lines),
            ))
            .answer(
                Answer::new(
                    201,
                    "The explanation.",
                    operation::json::<RecordedExplanation>(examples::explanation),
                )
                .header(Header::ExplanationLocation),
            )
            .answer(
                Answer::new(
                    202,
                    "The job that will explain.",
                    operation::json::<JobDocument>(examples::queued),
                )
                .header(Header::JobLocation)
                .header(Header::PreferenceApplied),
            )
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::UnsupportedMediaType,
                ProblemKind::ErasedMeanwhile,
                ProblemKind::UnderWay,
                ProblemKind::KeyReused,
                ProblemKind::NotReady,
                ProblemKind::NetworkHung,
                ProblemKind::StoreUnavailable,
            ]),
    ]
}

/// An explanation, or the problem with a line.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum ExplainedLine {
    Explanation(Box<RecordedExplanation>),
    Problem(Problem),
}

fn requests() -> Vec<Value> {
    vec![examples::explain_request(), examples::score_request()]
}

fn explained_lines() -> Vec<Value> {
    let refused = Problem::at(
        ProblemKind::InvalidContent,
        "/explain/target",
        "expected traits, state, segment, state.0 to state.31, or one of: openness",
    );
    vec![examples::explanation(), json!(refused.on_line(2))]
}

/// What the head of a request says, beside the model.
struct Head {
    request_id: RequestId,
    arrival: Arrival,
    account: Account,
    /// Whether to answer with a job.
    is_async: bool,
    /// As it was sent.
    query: String,
    key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Head {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, state).await?;
        let Ok(RespondAsync(is_async)) = RespondAsync::from_request_parts(parts, state).await;
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let arrival = parts.extensions.get::<Arrival>().copied();
        Ok(Self {
            // Every request has them.
            request_id: request_id.ok_or(ApiError::Interrupted)?,
            arrival: arrival.ok_or(ApiError::Interrupted)?,
            account: Account::of_request(&parts.extensions)?,
            is_async,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            key,
        })
    }
}

impl Head {
    /// The request under its key, if it has one: it is the same when its query, its preference and its body are.
    fn keyed(
        &self,
        body: Option<&KeptBody>,
        customer_id: Option<&Identifier>,
        records: &Records,
    ) -> Option<KeyedRequest> {
        let preference: &[u8] = if self.is_async { b"job" } else { b"" };
        let parts = [self.query.as_bytes(), preference, &body?.bytes];
        let customer_id = customer_id.map(|id| id.as_str().to_owned());
        let request =
            |key| KeyedRequest::new(key, parts, Uuid::now_v7(), customer_id, records.keys_kept);
        self.key.as_deref().map(request)
    }
}

/// What of a request for an explanation stands in its head, and the states that it needs.
pub(super) struct ExplainRequest {
    explainer: Explainer,
    jobs: Jobs,
    tokens: StateTokens,
    head: Head,
    model: Arc<Model>,
}

impl FromRequestParts<App> for ExplainRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let OfCaller(explainer) = OfCaller::from_request_parts(parts, app).await?;
        let OfCaller(jobs) = OfCaller::from_request_parts(parts, app).await?;
        let OfCaller(tokens) = OfCaller::from_request_parts(parts, app).await?;
        let head = Head::from_request_parts(parts, app).await?;
        let SelectedModel(model) = SelectedModel::from_request_parts(parts, app).await?;
        Ok(Self {
            explainer,
            jobs,
            tokens,
            head,
            model,
        })
    }
}

async fn explain(asked: ExplainRequest, body: ExplainBody) -> Result<Response, ApiError> {
    match body {
        ExplainBody::One(body) => asked.answer(body).await,
        ExplainBody::Lines(_) if asked.head.key.is_some() => Err(ApiError::InvalidContent(
            "the header idempotency-key: expected none, since a body of many lines is not kept as one request".to_owned(),
        )),
        ExplainBody::Lines(lines) => {
            let explainer = NdjsonExplainer {
                model: asked.model,
                explainer: asked.explainer,
                tokens: asked.tokens,
                bodies: lines.bodies,
                answers: lines.answers,
                account: asked.head.account,
                request_id: asked.head.request_id,
            };
            Ok(explainer.answer(lines.body, lines.place))
        }
    }
}

impl ExplainRequest {
    /// The token of what stands for a kept customer's older transactions.
    pub(super) fn seal_fold(&self, customer: &Identifier, fold: &Fold) -> Result<String, ApiError> {
        self.tokens.seal_fold(&self.model, customer, fold)
    }

    /// The explanation of the history in a body, with the options beside it; or its job.
    pub(super) async fn answer(self, body: JsonBody) -> Result<Response, ApiError> {
        let Self {
            explainer,
            jobs,
            tokens,
            head,
            model,
        } = self;
        let records = &explainer.records;
        let admitted = records.store.admit().await?;
        let mut timing = Timing::default();
        let keeps_history = records.keep_input == KeepInput::History;
        let is_kept = head.is_async || head.key.is_some() || keeps_history;
        let request = is_kept.then(|| body.keep());
        let (history, options) = body
            .history_with::<Options>("explain", &model, tokens, &mut timing)
            .await?;
        let options = options.unwrap_or_default();
        // A fault is answered now, and not in the job.
        explainer.check(&options)?;
        check(&model, &options)?;
        check_history(&history, &options)?;
        let keyed = head.keyed(request.as_ref(), history.customer_id.as_ref(), records);
        let (id, claim) = match keyed {
            Some(keyed) => match idempotency::begin(&records.store, keyed).await? {
                Begun::Now(id, claim) => (id, Some(claim)),
                Begun::Before(response) => return Ok(response),
            },
            None => (Uuid::now_v7(), None),
        };

        let answer = if let (true, Some(request)) = (head.is_async, &request) {
            let request_id = head.request_id.as_str();
            let job = NewJob {
                id,
                customer_id: history.customer_id,
                admitted,
                caller: jobs.caller(&head.account),
                request: job_request::encode(request_id, model.identity(), &request.bytes),
            };
            jobs.enqueue(vec![job]).await?;
            let job = Json(JobDocument::new(id, Status::Queued));
            (Extension(timing), jobs::accepted(id, job)).into_response()
        } else {
            let _admitted = explainer.admit(&head.account)?;
            let assignment = Assignment {
                model,
                history,
                options,
                origin: Origin {
                    id,
                    request_id: Some(head.request_id.as_str().to_owned()),
                    started_at: head.arrival.0,
                },
                request: request.filter(|_| keeps_history),
                admitted,
                of_job: false,
                account: head.account,
            };
            match explainer.explain(assignment, timing).await {
                Ok((record, timing)) => {
                    let location = [(header::LOCATION, id::address(id))];
                    let record = record::document(record);
                    (StatusCode::CREATED, Extension(timing), location, record).into_response()
                }
                // Another server took the claim over, and was first.
                Err(ApiError::Store(StoreError::AlreadyRecorded)) if claim.is_some() => {
                    idempotency::recorded(&records.store, id).await?
                }
                Err(error) => return Err(error),
            }
        };
        if let Some(claim) = claim {
            claim.done();
        }
        Ok(answer)
    }
}
