//! `POST /v1/score`: one history in, its scoring out; or a history a line in, an answer a line out.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};

use super::body::{JsonBody, MediaType};
use super::choice::ChosenModel;
use super::score_lines::score_lines;
use super::{ApiError, App};
use microseg_model::Model;
use microseg_timing::Timing;

/// A scoring of a few periods fits, and its text need not be moved as it grows.
pub(super) const SCORING_BYTES: usize = 4_096;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/score", post(score))
}

async fn score(
    State(app): State<App>,
    ChosenModel(model): ChosenModel,
    request: Request,
) -> Result<Response, ApiError> {
    match MediaType::of(request.headers()) {
        Some(MediaType::Ndjson) => Ok(score_lines(app, model, request.into_body())),
        Some(MediaType::Json) => {
            let response = score_one(&app, &model, request).await.into_response();
            app.metrics().history(response.status().as_u16());
            Ok(response)
        }
        None => Err(ApiError::UnsupportedMediaType {
            expected: "one history as content-type: application/json, or a history a line as application/x-ndjson",
        }),
    }
}

async fn score_one(app: &App, model: &Arc<Model>, request: Request) -> Result<Response, ApiError> {
    let body = JsonBody::from_request(request, app).await?;
    let mut timing = Timing::default();
    let copied = app.copy_for_shadow(model, || body.keep());
    let history = body.history(model, &mut timing).await?;
    let scoring = microseg_scoring::score(model, history, &mut timing).await?;
    if let Some(copied) = copied {
        app.score_in_shadow(copied, &scoring);
    }
    let mut text = Vec::with_capacity(SCORING_BYTES);
    serde_json::to_writer(&mut text, &scoring)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((Extension(timing), json, text).into_response())
}
