//! `POST /v1/explain`: one history and what is asked about it in, an explanation out.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Json, Router};

use super::body::JsonBody;
use super::context::Arrival;
use super::{ApiError, App, RequestId};
use crate::explain::{Options, Origin};
use crate::timing::Timing;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/explain", post(explain))
}

async fn explain(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Extension(Arrival(started_at)): Extension<Arrival>,
    body: JsonBody,
) -> Result<impl IntoResponse, ApiError> {
    let model = app.model()?;
    let mut timing = Timing::default();
    let (history, options) = body
        .history_with::<Options>("explain", &model, &mut timing)
        .await?;
    let options = options.unwrap_or_default();
    let origin = Origin {
        request_id: Some(request_id.as_str().to_owned()),
        started_at,
    };

    let waiting_since = Instant::now();
    let _permit = app.explanation_permit().await?;
    timing.queue += waiting_since.elapsed();
    let explanation =
        crate::explain::explain(&model, history, &options, app.policy(), origin, &mut timing)
            .await?;
    Ok((StatusCode::CREATED, Extension(timing), Json(explanation)))
}
