//! The Open Inference Protocol's metadata: what the server and its models are, and whether they are ready.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inference::Refused;
use super::message::DATATYPE;
use crate::choice::Number;
use crate::{ApiError, App};
use microseg_model::{Model, RequestedModel, SelectionError};

/// The names of the tensors.
pub(super) const INPUT: &str = "profile";
pub(super) const STATES: &str = "states";
pub(super) const OUTPUTS: &str = "outputs";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v2", get(server))
        .route("/v2/health/live", get(server_live))
        .route("/v2/health/ready", get(server_ready))
        .route("/v2/models/{name}", get(model))
        .route("/v2/models/{name}/versions/{version}", get(model))
        .route("/v2/models/{name}/ready", get(model_ready))
        .route(
            "/v2/models/{name}/versions/{version}/ready",
            get(model_ready),
        )
}

/// The model that the address names, in the version that it names, or else the latest.
pub(super) struct ServedModel(pub(super) Arc<Model>);

#[derive(Deserialize)]
struct Named {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<App> for ServedModel {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        app.models()?;
        let named: Result<Path<Named>, PathRejection> = Path::from_request_parts(parts, app).await;
        let Path(Named { name, version }) = named.map_err(|_| SelectionError::NoSuchName)?;
        let version = version.map(|text| match Number::of(&text) {
            Some(number) => number.version(),
            None => Err(SelectionError::NoSuchVersion.into()),
        });
        let wish = RequestedModel {
            name: Some(name),
            version: version.transpose()?,
        };
        app.choose(&wish).map(Self)
    }
}

/// What the server is.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ServerMetadata")]
pub(crate) struct Server {
    /// Always `microseg`.
    name: &'static str,
    /// The program's version.
    version: &'static str,
    /// The extensions of the protocol that it speaks.
    extensions: [&'static str; 1],
}

async fn server() -> Json<Server> {
    Json(Server {
        name: "microseg",
        version: env!("CARGO_PKG_VERSION"),
        extensions: ["binary_tensor_data"],
    })
}

/// Whether the process answers.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ServerLive")]
pub(crate) struct Live {
    /// Always `true`.
    live: bool,
}

async fn server_live() -> Json<Live> {
    Json(Live { live: true })
}

/// Whether the server takes work.
#[derive(JsonSchema, Serialize)]
pub(crate) struct ServerReady {
    /// `true` once the models are warm and until the server drains.
    ready: bool,
}

async fn server_ready(State(app): State<App>) -> Response {
    let ready = app.is_ready();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ServerReady { ready })).into_response()
}

/// What a model takes and gives.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelMetadata")]
pub(crate) struct Metadata<'a> {
    /// The model's name.
    name: &'a str,
    /// The versions that are served.
    versions: Vec<String>,
    /// Always `pytorch_torchscript`.
    platform: &'static str,
    /// One tensor, `profile`.
    inputs: [TensorMetadata; 1],
    /// `states` and `outputs`.
    outputs: [TensorMetadata; 2],
}

/// What a tensor looks like.
#[derive(JsonSchema, Serialize)]
struct TensorMetadata {
    /// `profile`, `states` or `outputs`.
    name: &'static str,
    /// Always `FP32`.
    datatype: &'static str,
    /// Customers, periods, and K classes, H dimensions or O outputs; -1 may be of any size.
    shape: [i64; 3],
}

async fn model(
    State(app): State<App>,
    model: Result<ServedModel, ApiError>,
) -> Result<Response, Refused> {
    let ServedModel(model) = model?;
    let served = app.models()?.served();
    let (identity, manifest) = (model.identity(), model.manifest());
    let versions = served.models().map(|model| model.identity());
    let versions = versions.filter(|other| other.name == identity.name);
    let tensor = |name, width: usize| TensorMetadata {
        name,
        datatype: DATATYPE,
        shape: [-1, -1, i64::try_from(width).unwrap_or(i64::MAX)],
    };
    Ok(Json(Metadata {
        name: &identity.name,
        versions: versions.map(|other| other.version.clone()).collect(),
        platform: "pytorch_torchscript",
        inputs: [tensor(INPUT, manifest.classes.len())],
        outputs: [
            tensor(STATES, manifest.hidden_size),
            tensor(OUTPUTS, manifest.outputs.len()),
        ],
    })
    .into_response())
}

/// A model that is served.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelReady")]
pub(crate) struct Ready<'a> {
    /// The model's name.
    name: &'a str,
    /// Always `true`: what does not serve is not found.
    ready: bool,
}

async fn model_ready(model: Result<ServedModel, ApiError>) -> Result<Response, Refused> {
    let ServedModel(model) = model?;
    let name = &model.identity().name;
    Ok(Json(Ready { name, ready: true }).into_response())
}
