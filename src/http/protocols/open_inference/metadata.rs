//! Metadata of the Open Inference Protocol: of the server, and of its models.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::message::{DATATYPE, INPUT, OUTPUTS, STATES};
use super::served_model::{ServedModel, of_model, version_in_path};
use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json};
use crate::state::Models;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/v2", RequiredScope::AnyKey, server)
            .named("get_server_metadata", Tag::Inference, "What the server is")
            .answer(Answer::new(
                200,
                "Its name, version and extensions.",
                json::<Server>(|| json!(SERVER)),
            )),
        of_model("/v2/models/{name}", model)
            .named("get_model_metadata", Tag::Inference, MODEL)
            .answer(model_answer()),
        of_model("/v2/models/{name}/versions/{version}", model)
            .named("get_version_metadata", Tag::Inference, MODEL)
            .parameter(version_in_path())
            .answer(model_answer()),
    ]
}

const MODEL: &str = "The tensors of a model, and its versions";

fn model_answer() -> Answer {
    Answer::new(
        200,
        "What it takes and gives.",
        json::<Metadata>(examples::metadata),
    )
}

/// What the server is.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ServerMetadata")]
struct Server {
    /// Always `microseg`.
    name: &'static str,
    /// The program's version.
    version: &'static str,
    /// The extensions of the protocol that it speaks.
    extensions: [&'static str; 1],
}

const SERVER: Server = Server {
    name: "microseg",
    version: env!("CARGO_PKG_VERSION"),
    extensions: ["binary_tensor_data"],
};

async fn server() -> Json<Server> {
    Json(SERVER)
}

/// What a model takes and gives.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelMetadata")]
struct Metadata<'a> {
    /// The model's name.
    name: &'a str,
    /// The versions that are served.
    versions: Vec<String>,
    /// Always `pytorch_torchscript`.
    platform: &'static str,
    /// One tensor, `profile`; none for a model that reads more of a history than the shares of periods.
    inputs: Vec<TensorMetadata>,
    /// `states` and `outputs`; none where there are no inputs.
    outputs: Vec<TensorMetadata>,
    /// What to use where there are no tensors; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Instead>,
}

/// What to use in place of tensors.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelMetadataParameters")]
struct Instead {
    /// The address that takes the model's histories, by KServe's V1 protocol.
    #[schemars(example = "/v1/models/my-events:predict")]
    instead: String,
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
    State(models): State<Models>,
    ServedModel(model): ServedModel,
) -> Result<Response, ApiError> {
    let served = models.registry()?.served();
    let (identity, manifest) = (model.identity(), model.manifest());
    let versions = served.models().map(|model| model.identity());
    let versions = versions.filter(|other| other.name == identity.name);
    let tensor = |name, width: usize| TensorMetadata {
        name,
        datatype: DATATYPE,
        shape: [-1, -1, i64::try_from(width).unwrap_or(i64::MAX)],
    };
    let takes_tensors = model.reads_shares_alone();
    let instead = || Instead {
        instead: format!("/v1/models/{}:predict", identity.name),
    };
    let all = |tensors: Vec<TensorMetadata>| {
        if takes_tensors { tensors } else { Vec::new() }
    };
    Ok(Json(Metadata {
        name: &identity.name,
        versions: versions.map(|other| other.version.clone()).collect(),
        platform: "pytorch_torchscript",
        inputs: all(vec![tensor(INPUT, manifest.classes.len())]),
        outputs: all(vec![
            tensor(STATES, manifest.hidden_size()),
            tensor(OUTPUTS, manifest.outputs.len()),
        ]),
        parameters: (!takes_tensors).then(instead),
    })
    .into_response())
}
