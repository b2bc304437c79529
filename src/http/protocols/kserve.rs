//! KServe's V1 protocol: `POST /v1/models/{name}:predict` and `:explain`, with histories as instances.

use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::object::Object;
use crate::body::{JsonBody, KeptBody};
use crate::caller::Caller;
use crate::choice::ModelVersion;
use crate::explaining::Assignment;
use crate::needs::Need;
use crate::{ApiError, App, RequestId};
use microseg_config::KeepInput;
use microseg_encoding::{Encoder, History};
use microseg_explain::{Options, Origin, check};
use microseg_history::HistoryError;
use microseg_model::{RequestedModel, SelectionError};
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

/// What comes in.
#[derive(Deserialize)]
struct Instances<'a> {
    #[serde(borrow)]
    instances: Vec<&'a RawValue>,
}

/// What goes out of `:predict`: a scoring for each instance.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Predictions {
    /// In the order of the instances.
    predictions: Vec<Scoring>,
}

/// A verb behind the model's name; the address has one segment for both.
enum Verb {
    Predict,
    Explain,
}

/// The methods of a model itself, and of a verb behind its name.
const MODEL_METHODS: &str = "GET,HEAD";
pub(crate) const VERB_METHODS: &str = "POST";

/// The methods of what a path below `/v1/models` stands for: one pattern has both kinds.
pub(crate) fn methods_of(path: &str) -> &'static str {
    let verb = path.rsplit_once(':').map(|(_, verb)| verb);
    match verb {
        Some("predict" | "explain") => VERB_METHODS,
        _ => MODEL_METHODS,
    }
}

/// Does what stands behind the colon.
pub(crate) async fn act(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Extension(caller): Extension<Caller>,
    ModelVersion(version): ModelVersion,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(path) = path.map_err(|_| SelectionError::NoSuchName)?;
    let (name, verb) = match path.rsplit_once(':') {
        Some((name, "predict")) => (name, Verb::Predict),
        Some((name, "explain")) => (name, Verb::Explain),
        // Names have no colon: this is a verb that is not known.
        Some(_) => return Err(ApiError::NotFound),
        None => {
            return Err(ApiError::OnlyMethods {
                allow: MODEL_METHODS,
            });
        }
    };
    let wish = RequestedModel {
        name: Some(name.to_owned()),
        version,
    };
    match verb {
        Verb::Predict => {
            caller.check(Need::PREDICT)?;
            let body = JsonBody::from_request(request, &app).await?;
            predict(&app, &wish, body).await
        }
        Verb::Explain => {
            caller.check(Need::EXPLAIN)?;
            let body = JsonBody::from_request(request, &app).await?;
            explain(&app, &wish, &request_id, body).await
        }
    }
}

async fn predict(app: &App, wish: &RequestedModel, body: JsonBody) -> Result<Response, ApiError> {
    let model = app.choose(wish)?;
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
type Asked = (History, Option<Options>, Option<KeptBody>);

async fn explain(
    app: &App,
    wish: &RequestedModel,
    request_id: &RequestId,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let model = app.choose(wish)?;
    let admitted = app.store().admit().await?;
    let mut timing = Timing::default();
    let kept = (app.keep_input() == KeepInput::History).then(|| body.keep());
    let read = move |encoder: &Encoder, bytes: &[u8]| {
        each(bytes, |text| {
            let (history, options) = encoder.read_with::<Options>(text, "explain")?;
            let kept = kept.as_ref().map(|kept| kept.part(text));
            Ok::<Asked, _>((history, options, kept))
        })
    };
    let asked = body.parse(&model, &mut timing, read).await?;
    for (_, options, _) in &asked {
        check(&model, &options.clone().unwrap_or_default())?;
    }
    let _admitted = app.admit_explanation()?;
    let mut records = Vec::with_capacity(asked.len());
    for (history, options, request) in asked {
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
        };
        let record;
        (record, timing) = app.explain(assignment, timing).await?;
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
