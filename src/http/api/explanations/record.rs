//! One recorded explanation: fetched again, and erased.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::id::ExplanationId;
use super::schemas::RecordedExplanation;
use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, examples, json, parameters};
use crate::state::{OfCaller, Records, Telemetry};
use microseg_access::Scope;
use microseg_problem::ProblemKind;
use microseg_store::StoreError;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/explanations/{id}", Scope::Read, one)
        .named(
            "get_explanation",
            Tag::Explanations,
            "Fetch an explanation again",
        )
        .description("The same bytes as when it was made: a record that does not match its hash is not served.")
        .parameter(parameters::id("The explanation's id."))
        .answer(Answer::new(
            200,
            "The explanation.",
            json::<RecordedExplanation>(examples::explanation),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::RecordAltered,
            ProblemKind::StoreUnavailable,
        ])
}

pub(super) fn erasure() -> Operation {
    Operation::delete("/v1/explanations/{id}", Scope::Admin, erase)
        .named(
            "erase_explanation",
            Tag::Explanations,
            "Erase an explanation",
        )
        .description("The chain of records keeps its hash, and nothing else of it.")
        .parameter(parameters::id("The explanation's id."))
        .answer(Answer::empty(204, "It is gone."))
        .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

/// A record's own bytes as an answer.
pub(crate) fn document(record: Vec<u8>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], record)
}

async fn one(
    OfCaller(records): OfCaller<Records>,
    State(telemetry): State<Telemetry>,
    ExplanationId(id): ExplanationId,
) -> Result<impl IntoResponse, ApiError> {
    let record = records.store.document(id).await.inspect_err(|error| {
        if matches!(error, StoreError::Altered(_)) {
            telemetry.metrics().records_altered(1);
        }
    })?;
    Ok(document(record.ok_or(ApiError::NoSuchExplanation)?))
}

async fn erase(
    OfCaller(records): OfCaller<Records>,
    ExplanationId(id): ExplanationId,
) -> Result<StatusCode, ApiError> {
    if records.store.erase(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NoSuchExplanation)
    }
}
