//! `/v1/customers`: erasure of all records and jobs of a customer.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use serde_json::json;

use crate::ApiError;
use crate::operation::{Answer, Operation, Parameter, Tag, json};
use crate::state::{OfCaller, Records};
use microseg_access::Scope;
use microseg_problem::ProblemKind;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::delete("/v1/customers/{id}", Scope::Admin, erase)
            .named(
                "erase_customer",
                Tag::Explanations,
                "Erase all that is held of a customer",
            )
            .description(
                "Explanations, what was kept of their input, and jobs. The same request again erases nothing, and says so.",
            )
            .parameter(Parameter::in_path(
                "id",
                "Your name for the customer.",
                |_| json_schema!({"type": "string", "minLength": 1}),
                "c-1029",
            ))
            .answer(Answer::new(
                200,
                "How much was erased.",
                json::<Erasure>(|| json!({"explanations": 2, "jobs": 0})),
            ))
            .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable]),
    ]
}

/// What was erased; the same request again erases nothing, and says so.
#[derive(JsonSchema, Serialize)]
struct Erasure {
    /// How many explanations were erased.
    explanations: u64,
    /// How many jobs were erased.
    jobs: u64,
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
    }))
}
