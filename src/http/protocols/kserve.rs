//! KServe's V1 protocol: `POST /v1/models/{name}:predict` and `:explain`, with histories as instances.

mod explanations;
mod instances;
mod predictions;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use self::explanations::{ExplainRequest, QueuedJobs};
use self::predictions::Predictor;
use crate::api::explanations::schemas::{ExplanationRequest, RecordedExplanation};
use crate::api::preference::{self, RespondAsync};
use crate::model_selector::ModelVersion;
use crate::operation::{Answer, Content, Header, Operation, Tag, examples, json, parameters};
use crate::request::JsonBody;
use crate::state::{
    Account, Answers, Bodies, Explainer, Jobs, Models, OfCaller, StateTokens, Telemetry,
};
use crate::{ApiError, RequestId};
use microseg_access::Scope;
use microseg_history::HistorySchema;
use microseg_model::{RequestedModel, SelectionError};
use microseg_problem::ProblemKind;
use microseg_scoring::Scoring;

/// A scoring for each instance.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Predictions {
    /// In the order of the instances.
    predictions: Vec<Scoring>,
}

/// Histories to score.
#[derive(JsonSchema)]
#[schemars(rename = "PredictRequest")]
#[expect(dead_code, reason = "only its schema is used")]
struct HistoryInstances {
    /// Histories as `/v1/score` takes them, which may go on from a state token.
    instances: Vec<HistorySchema>,
}

/// Histories to explain.
#[derive(JsonSchema)]
#[schemars(rename = "ExplainRequest")]
#[expect(dead_code, reason = "only its schema is used")]
struct ExplanationInstances {
    /// Histories as `/v1/explain` takes them, state tokens included, each with what is asked about it.
    instances: Vec<ExplanationRequest>,
}

/// An explanation for each instance.
#[derive(JsonSchema, Serialize)]
struct Explanations {
    /// In the order of the instances; each is recorded.
    explanations: Vec<RecordedExplanation>,
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        of_instances(
            Operation::post("/v1/models/{name}:predict", Scope::Score, predict),
            json::<HistoryInstances>(|| json!({"instances": [examples::score_request()]})),
        )
        .named("predict", Tag::Kserve, "Score histories")
        .answer(Answer::new(
            200,
            "The scorings, in the order of the instances.",
            json::<Predictions>(|| json!({"predictions": [examples::scoring()]})),
        )),
        of_instances(
            Operation::post("/v1/models/{name}:explain", Scope::Explain, explain),
            json::<ExplanationInstances>(|| json!({"instances": [examples::explain_request()]})),
        )
        .named("explain_instances", Tag::Kserve, "Explain histories")
        .answer(Answer::new(
            200,
            "The explanations, in the order of the instances.",
            json::<Explanations>(|| json!({"explanations": [examples::explanation()]})),
        ))
        .parameter(preference::parameter(
            "`respond-async` to get a job for each instance at once, which says when its explanation is there (RFC 7240). \
            All are queued, or none.",
        ))
        .answer(
            Answer::new(
                202,
                "The jobs that will explain, in the order of the instances.",
                json::<QueuedJobs>(|| json!({"jobs": [examples::queued()]})),
            )
            .header(Header::PreferenceApplied),
        )
        .problems(&[ProblemKind::ErasedMeanwhile, ProblemKind::StoreUnavailable]),
    ]
}

fn of_instances(operation: Operation, body: Content) -> Operation {
    operation
        .description(
            "One bad instance refuses the request: the pointer says which, and where in it.",
        )
        .parameter(parameters::name())
        .parameter(parameters::version())
        .body(body)
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
        ])
}

/// The model before the verb; the address has one segment for both.
struct ModelBeforeVerb(RequestedModel);

impl<S: Send + Sync> FromRequestParts<S> for ModelBeforeVerb {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ModelVersion(version) = ModelVersion::from_request_parts(parts, state).await?;
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(path) = path.map_err(|_| SelectionError::NoSuchName)?;
        let name = path.rsplit_once(':').map(|(name, _verb)| name.to_owned());
        Ok(Self(RequestedModel { name, version }))
    }
}

async fn predict(
    State(models): State<Models>,
    bodies: Bodies,
    answers: Answers,
    State(telemetry): State<Telemetry>,
    OfCaller(tokens): OfCaller<StateTokens>,
    ModelBeforeVerb(requested): ModelBeforeVerb,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let predictor = Predictor {
        model: models.select(&requested)?,
        tokens,
        bodies,
        answers,
        telemetry,
    };
    predictor.answer(body).await
}

async fn explain(
    State(models): State<Models>,
    OfCaller(explainer): OfCaller<Explainer>,
    OfCaller(jobs): OfCaller<Jobs>,
    OfCaller(tokens): OfCaller<StateTokens>,
    (Extension(request_id), account): (Extension<RequestId>, Account),
    (ModelBeforeVerb(requested), preference): (ModelBeforeVerb, RespondAsync),
    body: JsonBody,
) -> Result<Response, ApiError> {
    let request = ExplainRequest {
        model: models.select(&requested)?,
        tokens,
        admitted: explainer.records.store.admit().await?,
        request_id,
        account,
    };
    if preference.0 {
        request.queue(body, &jobs).await
    } else {
        request.explain(body, &explainer).await
    }
}
