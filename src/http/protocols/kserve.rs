//! KServe's V1 protocol: `POST /v1/models/{name}:predict` and `:explain`, with histories as instances.

use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::object::Object;
use crate::api::explanations::schemas::{ExplanationRequest, RecordedExplanation};
use crate::model_selector::ModelVersion;
use crate::operation::{Answer, Content, Operation, Tag, examples, json, parameters};
use crate::request::JsonBody;
use crate::state::{Account, Assignment, Explainer, KeptBody, Models};
use crate::{ApiError, RequestId};
use microseg_access::Scope;
use microseg_config::KeepInput;
use microseg_encoding::{Encoder, History};
use microseg_explain::{Options, Origin, check};
use microseg_history::{HistoryError, HistorySchema};
use microseg_model::{RequestedModel, SelectionError};
use microseg_problem::ProblemKind;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

/// The body of a request.
#[derive(Deserialize)]
struct Instances<'a> {
    #[serde(borrow)]
    instances: Vec<&'a RawValue>,
}

/// A scoring for each instance.
#[derive(JsonSchema, Serialize)]
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
    ModelBeforeVerb(requested): ModelBeforeVerb,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let model = models.select(&requested)?;
    let mut timing = Timing::default();
    let read =
        |encoder: &Encoder, bytes: &[u8]| each(bytes, |text| encoder.read(text).map(Ok::<_, ()>));
    let histories = body.parse(&model, &mut timing, read).await?;
    let scored = score_each(&model, histories, &mut timing).await;
    let predictions = scored.into_iter().map(|scored| {
        scored.map_err(|unscored| match unscored {
            Unscored::Failed(error) => ApiError::from(error),
            Unscored::Refused(()) => ApiError::Interrupted,
        })
    });
    let predictions = predictions.collect::<Result<_, _>>()?;
    Ok((Extension(timing), Json(Predictions { predictions })).into_response())
}

/// One instance, and its bytes where they are to be kept.
type Instance = (History, Option<Options>, Option<KeptBody>);

async fn explain(
    State(models): State<Models>,
    State(explainer): State<Explainer>,
    Extension(request_id): Extension<RequestId>,
    ModelBeforeVerb(requested): ModelBeforeVerb,
    account: Account,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let model = models.select(&requested)?;
    let admitted = explainer.records.store.admit().await?;
    let mut timing = Timing::default();
    let kept = (explainer.records.keep_input == KeepInput::History).then(|| body.keep());
    let read = move |encoder: &Encoder, bytes: &[u8]| {
        each(bytes, |text| {
            let (history, options) = encoder.read_with::<Options>(text, "explain")?;
            let kept = kept.as_ref().map(|kept| kept.part(text));
            Ok::<Instance, _>((history, options, kept))
        })
    };
    let instances = body.parse(&model, &mut timing, read).await?;
    for (_, options, _) in &instances {
        check(&model, &options.clone().unwrap_or_default())?;
    }
    let _admitted = explainer.admit(&account)?;
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
    }
    // Records are JSON already, and go out byte for byte.
    let json = [(header::CONTENT_TYPE, "application/json")];
    let explanations = [&b"{\"explanations\":["[..], &records.join(&b','), b"]}"].concat();
    Ok((Extension(timing), json, explanations).into_response())
}

/// Reads every instance; the first bad one is named by its place.
fn each<T>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<T, HistoryError>,
) -> Result<Vec<T>, HistoryError> {
    let Object(Instances { instances }) =
        serde_json::from_slice(bytes).map_err(|error| envelope(&error))?;
    let places = instances.into_iter().enumerate();
    places
        .map(|(place, instance)| {
            let read = read(instance.get().as_bytes());
            read.map_err(|error| error.within(&format!("/instances/{place}")))
        })
        .collect()
}

fn envelope(error: &serde_json::Error) -> HistoryError {
    match error.classify() {
        Category::Data => HistoryError::Invalid {
            pointer: "/instances".to_owned(),
            detail: "expected an array of histories".to_owned(),
        },
        Category::Syntax | Category::Eof | Category::Io => HistoryError::Malformed {
            pointer: String::new(),
            detail: "expected a JSON object with `instances`".to_owned(),
            line: error.line(),
            column: error.column(),
        },
    }
}
