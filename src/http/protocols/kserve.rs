//! KServe's V1 protocol: `POST /v1/models/{name}:predict` and `:explain`, with histories as instances.

mod instances;
mod predictions;

use std::time::Instant;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use self::instances::{each, texts};
use self::predictions::Predictor;
use crate::api::explanations::schemas::{ExplanationRequest, RecordedExplanation};
use crate::model_selector::ModelVersion;
use crate::operation::{Answer, Content, Operation, Tag, examples, json, parameters};
use crate::request::JsonBody;
use crate::state::{
    Account, Answers, Assignment, Bodies, Explainer, KeptBody, Models, OfCaller, Telemetry,
};
use crate::{ApiError, RequestId};
use microseg_access::Scope;
use microseg_config::KeepInput;
use microseg_encoding::{Encoder, History};
use microseg_explain::{Options, Origin, check};
use microseg_history::{HistoryError, HistorySchema};
use microseg_model::{RequestedModel, SelectionError};
use microseg_problem::ProblemKind;
use microseg_scoring::Scoring;
use microseg_timing::Timing;

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
    /// Histories as `/v1/score` takes them.
    instances: Vec<HistorySchema>,
}

/// Histories to explain.
#[derive(JsonSchema)]
#[schemars(rename = "ExplainRequest")]
#[expect(dead_code, reason = "only its schema is used")]
struct ExplanationInstances {
    /// Histories as `/v1/explain` takes them, each with what is asked about it.
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
    ModelBeforeVerb(requested): ModelBeforeVerb,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let predictor = Predictor {
        model: models.select(&requested)?,
        bodies,
        answers,
        telemetry,
    };
    predictor.answer(body).await
}

/// One instance, and its bytes where they are to be kept.
type Instance = (History, Option<Options>, Option<KeptBody>);

async fn explain(
    State(models): State<Models>,
    OfCaller(explainer): OfCaller<Explainer>,
    Extension(request_id): Extension<RequestId>,
    ModelBeforeVerb(requested): ModelBeforeVerb,
    account: Account,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let model = models.select(&requested)?;
    let admitted = explainer.records.store.admit().await?;
    let mut timing = Timing::default();
    let kept = (explainer.records.keep_input == KeepInput::History).then(|| body.keep());
    let most = explainer.most;
    let read = move |encoder: &Encoder, bytes: &[u8]| {
        let texts = texts(bytes)?;
        if texts.len() > most {
            return Err(too_many(most));
        }
        let read = |text: &[u8]| {
            let (history, options) = encoder.read_with::<Options>(text, "explain")?;
            let kept = kept.as_ref().map(|kept| kept.part(text));
            Ok::<Instance, _>((history, options, kept))
        };
        each(&texts, read).collect::<Result<Vec<_>, _>>()
    };
    let instances = body.parse(&model, &mut timing, read).await?;
    for (_, options, _) in &instances {
        check(&model, &options.clone().unwrap_or_default())?;
    }
    let mut places = explainer.admit_many(&account, instances.len())?;
    let mut records = Vec::with_capacity(instances.len());
    for (history, options, request) in instances {
        let assignment = Assignment {
            model: model.clone(),
            history,
            options: options.unwrap_or_default(),
            origin: Origin {
                id: Uuid::now_v7(),
                request_id: Some(request_id.as_str().to_owned()),
                started_at: Instant::now(),
            },
            request,
            admitted,
            of_job: false,
            account: account.clone(),
        };
        let record;
        (record, timing) = explainer.explain(assignment, timing).await?;
        records.push(record);
        // Its place is free for another explanation.
        drop(places.split(1));
    }
    // Records are JSON already, and go out byte for byte.
    let json = [(header::CONTENT_TYPE, "application/json")];
    let explanations = [&b"{\"explanations\":["[..], &records.join(&b','), b"]}"].concat();
    Ok((Extension(timing), json, explanations).into_response())
}

/// More explanations than can run and wait at once.
fn too_many(most: usize) -> HistoryError {
    HistoryError::Invalid {
        pointer: "/instances".to_owned(),
        detail: format!(
            "expected at most {most} histories to explain, as many as the limits explanation_threads and explanation_queue admit"
        ),
    }
}
