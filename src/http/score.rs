//! `POST /v1/score`: one history in, its scoring out; or a history a line in, an answer a line out.

use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};

use super::body::{JsonBody, MediaType};
use super::score_lines::score_lines;
use super::{ApiError, App};
use crate::timing::Timing;

/// A scoring of a few periods fits, and its text need not be moved as it grows.
pub(super) const SCORING_BYTES: usize = 4_096;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/score", post(score))
}

async fn score(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    match MediaType::of(request.headers()) {
        Some(MediaType::Ndjson) => score_lines(app, request.into_body()),
        Some(MediaType::Json) => {
            let response = score_one(&app, request).await.into_response();
            app.metrics().history(response.status().as_u16());
            Ok(response)
        }
        None => Err(ApiError::UnsupportedMediaType {
            expected: "one history as content-type: application/json, or a history a line as application/x-ndjson",
        }),
    }
}

async fn score_one(app: &App, request: Request) -> Result<Response, ApiError> {
    let body = JsonBody::from_request(request, app).await?;
    let model = app.model()?;
    let mut timing = Timing::default();
    let history = body.history(&model, &mut timing).await?;
    let scoring = crate::scoring::score(&model, history, &mut timing).await?;
    let mut text = Vec::with_capacity(SCORING_BYTES);
    serde_json::to_writer(&mut text, &scoring)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((Extension(timing), json, text).into_response())
}
