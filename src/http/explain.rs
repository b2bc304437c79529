//! `POST /v1/explain`: one history and what is asked about it in, an explanation out, at once or as a job.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use uuid::Uuid;

use super::body::JsonBody;
use super::choice::ChosenModel;
use super::context::Arrival;
use super::explaining::Assignment;
use super::jobs::{JobDocument, Status, request_of_job};
use super::{ApiError, App, RequestId, explanations, jobs};
use microseg_config::KeepInput;
use microseg_explain::{Options, Origin, check};
use microseg_store::NewJob;
use microseg_timing::Timing;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference of RFC 7240, section 4.1.
const RESPOND_ASYNC: &str = "respond-async";

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/explain", post(explain))
}

async fn explain(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Extension(Arrival(started_at)): Extension<Arrival>,
    headers: HeaderMap,
    ChosenModel(model): ChosenModel,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let admitted = app.store().admit().await?;
    let mut timing = Timing::default();
    let is_async = prefers_async(&headers);
    let is_kept = is_async || app.keep_input() == KeepInput::History;
    let request = is_kept.then(|| body.keep());
    let (history, options) = body
        .history_with::<Options>("explain", &model, &mut timing)
        .await?;
    let options = options.unwrap_or_default();
    // What is wrong with it is said before it waits, and not to whoever asks for the job later.
    check(&model, &options)?;
    let id = Uuid::now_v7();

    if let (true, Some(request)) = (is_async, &request) {
        let job = NewJob {
            id,
            customer_id: history.customer_id,
            admitted,
            request: request_of_job(request_id.as_str(), model.identity(), &request.bytes),
        };
        app.store().enqueue(job, app.job_queue()).await?;
        app.jobs().notify_one();
        let headers = [
            (header::LOCATION, jobs::address(id)),
            (PREFERENCE_APPLIED, RESPOND_ASYNC.to_owned()),
        ];
        let job = JobDocument::new(id, Status::Queued);
        return Ok((StatusCode::ACCEPTED, Extension(timing), headers, Json(job)).into_response());
    }

    let _admitted = app.admit_explanation()?;
    let assignment = Assignment {
        model,
        history,
        options,
        origin: Origin {
            id,
            request_id: Some(request_id.as_str().to_owned()),
            started_at,
        },
        request,
        admitted,
        of_job: false,
    };
    let (record, timing) = app.explain(assignment, timing).await?;
    let location = [(header::LOCATION, explanations::address(id))];
    let record = explanations::document(record);
    Ok((StatusCode::CREATED, Extension(timing), location, record).into_response())
}

/// Whether one of the caller's preferences is to be answered later.
fn prefers_async(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all(PREFER).into_iter();
    preferences
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|preference| preference.split(';').next())
        .any(|preference| preference.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_preference_is_found_among_others() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(PREFER, HeaderValue::from_static("handling=lenient"));
            headers.append(PREFER, HeaderValue::from_static(value));
            prefers_async(&headers)
        };
        assert!(asks("respond-async"));
        assert!(asks("wait=5, Respond-Async; foo=bar"));
        assert!(!asks("return=minimal"));
        assert!(!asks("not-respond-async"));
    }
}
