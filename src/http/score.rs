//! `POST /v1/score`: one history in, its scoring out.

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Json, Router};

use super::body::JsonBody;
use super::{ApiError, App};
use crate::timing::Timing;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/score", post(score))
}

async fn score(State(app): State<App>, body: JsonBody) -> Result<impl IntoResponse, ApiError> {
    let model = app.model()?;
    let mut timing = Timing::default();
    let history = body.history(&model, &mut timing).await?;
    let scoring = crate::scoring::score(&model, history, &mut timing).await?;
    Ok((Extension(timing), Json(scoring)))
}
