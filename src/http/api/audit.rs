//! `/v1/audit`: the head of the chain of records, to be noted or published elsewhere.

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json};
use crate::state::{OfCaller, Records};
use microseg_access::Scope;
use microseg_problem::ProblemKind;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/audit/head",
            RequiredScope::WholeServer(Scope::Explain),
            head,
        )
            .named(
                "get_audit_head",
                Tag::Explanations,
                "The last hash of the chain of records",
            )
            .description(
                "Noted elsewhere, it is an anchor: `microseg audit --anchor` proves later that every record up to it is \
                still as it was.",
            )
            .answer(Answer::new(
                200,
                "The head of the chain.",
                json::<AuditHead>(examples::audit_head),
            ))
            .problems(&[ProblemKind::StoreUnavailable]),
    ]
}

/// The head of the chain of records.
#[derive(JsonSchema, Serialize)]
struct AuditHead {
    /// The number of entries: explanations, erased or not, and erasures.
    entries: u64,
    /// The hash of the last entry, in lower-case hex; `null` when there is none.
    record_sha256: Option<String>,
}

async fn head(OfCaller(records): OfCaller<Records>) -> Result<Json<AuditHead>, ApiError> {
    let head = records.store.head().await?;
    Ok(Json(AuditHead {
        entries: head.as_ref().map_or(0, |head| head.sequence),
        record_sha256: head.map(|head| head.record_sha256),
    }))
}
