//! `POST /v1/customers/{id}/explain`: an explanation of a kept customer, recorded as any other.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::value::RawValue;

use super::CustomerId;
use crate::ApiError;
use crate::api::explain::ExplainRequest;
use crate::api::explanations::schemas::{RecordedExplanation, RequestedOptions};
use crate::api::idempotency;
use crate::api::jobs::JobDocument;
use crate::api::preference;
use crate::operation::{Answer, Header, Operation, Tag, examples, json, parameters};
use crate::request::{JsonBody, RawBody};
use crate::state::{Bodies, OfCaller, Records};
use microseg_access::Scope;
use microseg_history::HistoryError;
use microseg_problem::ProblemKind;
use microseg_store::Fold;

pub(super) fn operation() -> Operation {
    Operation::post("/v1/customers/{id}/explain", Scope::Explain, explain)
        .named(
            "explain_customer",
            Tag::Customers,
            "Explain the numbers of a kept customer",
        )
        .description(
            "As `POST /v1/explain` with all kept transactions; the body is what stands in `explain` there, or empty.",
        )
        .parameter(super::id())
        .parameter(parameters::model())
        .parameter(parameters::version())
        .parameter(preference::parameter(
            "`respond-async` to get a job at once, which says when the explanation is there (RFC 7240).",
        ))
        .parameter(idempotency::parameter())
        .body(json::<RequestedOptions>(|| {
            examples::explain_request()["explain"].clone()
        }))
        .answer(
            Answer::new(
                StatusCode::CREATED.as_u16(),
                "The explanation.",
                json::<RecordedExplanation>(examples::explanation),
            )
            .header(Header::ExplanationLocation),
        )
        .answer(
            Answer::new(
                StatusCode::ACCEPTED.as_u16(),
                "The job that will explain.",
                json::<JobDocument>(examples::queued),
            )
            .header(Header::JobLocation)
            .header(Header::PreferenceApplied),
        )
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::ErasedMeanwhile,
            ProblemKind::UnderWay,
            ProblemKind::KeyReused,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

async fn explain(
    CustomerId(customer_id): CustomerId,
    OfCaller(records): OfCaller<Records>,
    bodies: Bodies,
    asked: ExplainRequest,
    body: RawBody,
) -> Result<Response, ApiError> {
    let options = options(body.bytes())?;
    let seal = |fold: &Fold| asked.seal_fold(&customer_id, fold);
    let kept = records
        .kept_history(&customer_id, &bodies, options, seal)
        .await?;
    let body = JsonBody::of_document(kept.document, kept.memory, &bodies);
    asked.answer(body).await
}

/// The options in a body, as they were written; `None` for an empty one.
fn options(body: &[u8]) -> Result<Option<&RawValue>, ApiError> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let options = serde_json::from_slice(body);
    options.map(Some).map_err(|error| {
        ApiError::History(HistoryError::Malformed {
            pointer: String::new(),
            detail: "expected the options of an explanation, as JSON".to_owned(),
            line: error.line(),
            column: error.column(),
        })
    })
}
