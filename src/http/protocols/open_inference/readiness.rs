//! Liveness and readiness of the Open Inference Protocol: of the server, and of its models.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::served_model::{ServedModel, of_model, version_in_path};
use crate::operation::{Answer, Operation, RequiredScope, Tag, json};
use crate::server::Lifecycle;
use crate::state::Models;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/v2/health/live", RequiredScope::Public, server_live)
            .probe()
            .named(
                "get_server_live",
                Tag::Inference,
                "Whether the process answers",
            )
            .answer(Answer::new(
                200,
                "It does.",
                json::<Live>(|| json!({"live": true})),
            )),
        Operation::get("/v2/health/ready", RequiredScope::Public, server_ready)
            .probe()
            .named(
                "get_server_ready",
                Tag::Inference,
                "Whether the server takes work",
            )
            .answer(Answer::new(
                200,
                "It does.",
                json::<ServerReady>(|| json!({"ready": true})),
            ))
            .answer(Answer::new(
                503,
                "Not yet, or no more.",
                json::<ServerReady>(|| json!({"ready": false})),
            )),
        of_model("/v2/models/{name}/ready", model_ready)
            .named("get_model_ready", Tag::Inference, MODEL)
            .answer(model_answer()),
        of_model("/v2/models/{name}/versions/{version}/ready", model_ready)
            .named("get_version_ready", Tag::Inference, MODEL)
            .parameter(version_in_path())
            .answer(model_answer()),
    ]
}

const MODEL: &str = "Whether a model is served";

fn model_answer() -> Answer {
    let example: fn() -> Value = || json!({"name": "spending-personality", "ready": true});
    Answer::new(200, "It is.", json::<Ready>(example))
}

/// Whether the process answers.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ServerLive")]
struct Live {
    /// Always `true`.
    live: bool,
}

async fn server_live() -> Json<Live> {
    Json(Live { live: true })
}

/// Whether the server takes work.
#[derive(JsonSchema, Serialize)]
struct ServerReady {
    /// `true` once the models are warm and until the server drains.
    ready: bool,
}

async fn server_ready(
    State(lifecycle): State<Lifecycle>,
    State(models): State<Models>,
) -> Response {
    let ready = lifecycle.is_serving() && models.are_loaded();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ServerReady { ready })).into_response()
}

/// A model that is served.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelReady")]
struct Ready<'a> {
    /// The model's name.
    name: &'a str,
    /// Always `true`: what does not serve is not found.
    ready: bool,
}

async fn model_ready(ServedModel(model): ServedModel) -> Response {
    let name = &model.identity().name;
    Json(Ready { name, ready: true }).into_response()
}
