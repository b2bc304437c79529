//! `DELETE /v1/customers/{id}`: erasure of all that is held of a customer.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, json};
use crate::state::{OfCaller, Records};
use microseg_access::Scope;
use microseg_problem::ProblemKind;

pub(super) fn operation() -> Operation {
    Operation::delete("/v1/customers/{id}", Scope::Admin, erase)
        .named(
            "erase_customer",
            Tag::Explanations,
            "Erase all that is held of a customer",
        )
        .description(
            "Explanations, what was kept of their input, jobs, and kept transactions with all that was made of them. The same \
            request again erases nothing, and says so.",
        )
        .parameter(super::id())
        .answer(Answer::new(
            200,
            "How much was erased.",
            json::<Erasure>(|| json!({"explanations": 2, "jobs": 0, "transactions": 731})),
        ))
        .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

/// What was erased; the same request again erases nothing, and says so.
#[derive(JsonSchema, Serialize)]
struct Erasure {
    /// How many explanations were erased.
    explanations: u64,
    /// How many jobs were erased.
    jobs: u64,
    /// How many kept transactions were erased; absent when there were none.
    #[serde(skip_serializing_if = "is_none")]
    transactions: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

async fn erase(
    OfCaller(records): OfCaller<Records>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Erasure>, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NotFound)?;
    let erased = records.store.erase_customer(&id).await?;
    Ok(Json(Erasure {
        explanations: erased.explanations,
        jobs: erased.jobs,
        transactions: erased.transactions,
    }))
}
