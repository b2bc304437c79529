//! `/health/live` and `/health/ready`: for the probes of whoever runs the server.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, App};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// How a probe finds the server.
#[derive(JsonSchema, Serialize)]
pub(super) struct Health {
    /// `live` or `ready`.
    status: &'static str,
}

/// 200 as long as the process answers at all.
async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// 200 once the model is warm and until the server drains; else 503.
async fn ready(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    if app.is_ready() {
        Ok(Json(Health { status: "ready" }))
    } else {
        Err(ApiError::NotReady)
    }
}
