//! `POST /v1/explain`: a history and the options of its explanation, answered by the explanation, or by a job.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::json_schema;
use uuid::Uuid;

use super::explanations::schemas::{ExplanationRequest, RecordedExplanation};
use super::explanations::{id, record};
use super::jobs::{self, JobDocument, Status};
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Header, Operation, Parameter, Tag, examples, json, parameters};
use crate::request::{Arrival, JsonBody};
use crate::state::{Account, Assignment, Explainer, Jobs, OfCaller};
use crate::{ApiError, RequestId, job_request};
use microseg_access::Scope;
use microseg_config::KeepInput;
use microseg_explain::{Options, Origin, check};
use microseg_problem::ProblemKind;
use microseg_store::NewJob;
use microseg_timing::Timing;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference of RFC 7240, section 4.1.
const RESPOND_ASYNC: &str = "respond-async";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/explain", Scope::Explain, explain)
            .named(
                "explain",
                Tag::Explanations,
                "Explain what drove the numbers of a history",
            )
            .description(
                "Fits a linear surrogate to the network near this customer (or unrolls the one of the whole population), \
                tests it where it was not fitted, and records the explanation before it is answered. With `prefer: \
                respond-async` the answer is a job.",
            )
            .parameter(parameters::model())
            .parameter(parameters::version())
            .parameter(prefer())
            .body(json::<ExplanationRequest>(examples::explain_request))
            .answer(
                Answer::new(
                    201,
                    "The explanation.",
                    json::<RecordedExplanation>(examples::explanation),
                )
                .header(Header::ExplanationLocation),
            )
            .answer(
                Answer::new(
                    202,
                    "The job that will explain.",
                    json::<JobDocument>(examples::queued),
                )
                .header(Header::JobLocation)
                .header(Header::PreferenceApplied),
            )
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::UnsupportedMediaType,
                ProblemKind::ErasedMeanwhile,
                ProblemKind::NotReady,
                ProblemKind::NetworkHung,
                ProblemKind::StoreUnavailable,
            ]),
    ]
}

/// Whether to answer later (RFC 7240).
fn prefer() -> Parameter {
    Parameter::in_header(
        "prefer",
        "`respond-async` to get a job at once, which says when the explanation is there (RFC 7240).",
        |_| json_schema!({"type": "string"}),
        RESPOND_ASYNC,
    )
}

async fn explain(
    OfCaller(explainer): OfCaller<Explainer>,
    OfCaller(jobs): OfCaller<Jobs>,
    (Extension(request_id), Extension(Arrival(started_at))): (
        Extension<RequestId>,
        Extension<Arrival>,
    ),
    headers: HeaderMap,
    SelectedModel(model): SelectedModel,
    account: Account,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let admitted = explainer.records.store.admit().await?;
    let mut timing = Timing::default();
    let is_async = prefers_async(&headers);
    let is_kept = is_async || explainer.records.keep_input == KeepInput::History;
    let request = is_kept.then(|| body.keep());
    let (history, options) = body
        .history_with::<Options>("explain", &model, &mut timing)
        .await?;
    let options = options.unwrap_or_default();
    // A fault is answered now, and not in the job.
    check(&model, &options)?;
    let id = Uuid::now_v7();

    if let (true, Some(request)) = (is_async, &request) {
        let job = NewJob {
            id,
            customer_id: history.customer_id,
            admitted,
            caller: jobs.caller(&account),
            request: job_request::encode(request_id.as_str(), model.identity(), &request.bytes),
        };
        jobs.enqueue(job).await?;
        let headers = [
            (header::LOCATION, jobs::address(id)),
            (PREFERENCE_APPLIED, RESPOND_ASYNC.to_owned()),
        ];
        let job = JobDocument::new(id, Status::Queued);
        return Ok((StatusCode::ACCEPTED, Extension(timing), headers, Json(job)).into_response());
    }

    let _admitted = explainer.admit(&account)?;
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
        account,
    };
    let (record, timing) = explainer.explain(assignment, timing).await?;
    let location = [(header::LOCATION, id::address(id))];
    let record = record::document(record);
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
