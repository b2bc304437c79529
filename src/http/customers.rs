//! `/v1/customers`: what is held of a customer, and how it is erased.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::delete;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, App};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/customers/{id}", delete(erase))
}

/// What was erased; the same request again erases nothing, and says so.
#[derive(JsonSchema, Serialize)]
pub(super) struct Erasure {
    /// How many explanations were erased.
    explanations: u64,
    /// How many jobs were erased.
    jobs: u64,
}

async fn erase(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Erasure>, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NotFound)?;
    let erased = app.store().erase_customer(&id).await?;
    Ok(Json(Erasure {
        explanations: erased.explanations,
        jobs: erased.jobs,
    }))
}
