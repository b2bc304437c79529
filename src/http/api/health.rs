//! `/health/live` and `/health/ready`: probes of the process and of its readiness.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag, json};
use crate::server::Lifecycle;
use crate::state::Models;
use microseg_problem::ProblemKind;

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/health/live", RequiredScope::Public, live)
            .probe()
            .named("get_live", Tag::Operations, "Whether the process answers")
            .answer(Answer::new(
                200,
                "It does.",
                json::<Health>(|| json!({"status": "live"})),
            )),
        Operation::get("/health/ready", RequiredScope::Public, ready)
            .probe()
            .named(
                "get_ready",
                Tag::Operations,
                "Whether the server takes work",
            )
            .description("From when the models are warm until the server drains.")
            .answer(Answer::new(
                200,
                "It does.",
                json::<Health>(|| json!({"status": "ready"})),
            ))
            .problems(&[ProblemKind::NotReady]),
    ]
}

/// How a probe finds the server.
#[derive(JsonSchema, Serialize)]
struct Health {
    /// `live` or `ready`.
    status: &'static str,
}

/// 200 as long as the process answers at all.
async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// 200 once the model is warm and until the server drains; else 503.
async fn ready(
    State(lifecycle): State<Lifecycle>,
    State(models): State<Models>,
) -> Result<Json<Health>, ApiError> {
    if lifecycle.is_serving() && models.are_loaded() {
        Ok(Json(Health { status: "ready" }))
    } else {
        Err(ApiError::NotReady)
    }
}
