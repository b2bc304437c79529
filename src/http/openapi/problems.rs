//! Problems as answers: one description for each status, with the server's own words as examples.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use super::headers;
use super::schemas::Schemas;
use crate::operation::{Header, SchemaOf};
use crate::{ApiError, HeadFault};
use microseg_access::Scope;
use microseg_explain::Difference;
use microseg_history::HistoryError;
use microseg_model::{RunError, SelectionError};
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{Broken, Fault, StoreError};

/// A problem as clients of the Open Inference Protocol read it.
#[derive(JsonSchema, Serialize)]
struct InferenceProblem {
    #[serde(flatten)]
    problem: Problem,
    /// The `detail` once more.
    error: String,
}

/// Makes the schemas of problems known.
pub(super) fn collect(schemas: &mut Schemas) {
    let invalid = Problem::from(error(ProblemKind::InvalidContent)).on_line(2);
    let mut known = |schema: SchemaOf, example: Value| schemas.document(schema, example, true);
    known(SchemaGenerator::subschema_for::<Problem>, json!(invalid));
    known(
        SchemaGenerator::subschema_for::<Problem>,
        json!(Problem::from(error(ProblemKind::Disagreement))),
    );
    let refused = InferenceProblem {
        error: invalid.detail().to_owned(),
        problem: invalid,
    };
    known(
        SchemaGenerator::subschema_for::<InferenceProblem>,
        json!(refused),
    );
}

/// The answers to some problems, by status.
pub(super) fn answers(kinds: &[ProblemKind], is_inference: bool) -> BTreeMap<u16, Value> {
    let mut of_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for &kind in kinds {
        let of_status = of_status.entry(kind.status()).or_default();
        if !of_status.contains(&kind) {
            of_status.push(kind);
        }
    }
    let answer = |(status, kinds): (u16, Vec<ProblemKind>)| {
        let titles: Vec<&str> = kinds.iter().map(|kind| kind.title()).collect();
        let headers = headers::references(match status {
            401 => &[Header::WwwAuthenticate],
            409 if kinds.contains(&ProblemKind::UnderWay) => &[Header::RetryAfter],
            429 | 503 => &[Header::RetryAfter],
            _ => &[],
        });
        let schema = if is_inference {
            "InferenceProblem"
        } else {
            "Problem"
        };
        let examples: BTreeMap<&str, Value> = kinds
            .iter()
            .map(|&kind| (kind.name(), json!({"value": example(kind, is_inference)})))
            .collect();
        let answer = json!({
            "description": format!("{}.", titles.join(", or: ")),
            "headers": headers,
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": format!("#/components/schemas/{schema}")},
                    "examples": examples,
                },
            },
        });
        (status, answer)
    };
    of_status.into_iter().map(answer).collect()
}

fn example(kind: ProblemKind, is_inference: bool) -> Value {
    let problem = Problem::from(error(kind));
    let mut example = json!(problem);
    if is_inference {
        example["error"] = problem.detail().into();
    }
    example
}

/// An error of each kind.
fn error(kind: ProblemKind) -> ApiError {
    match kind {
        ProblemKind::MalformedHead => HeadFault::Host.into(),
        ProblemKind::UnknownTransferCoding => HeadFault::TransferCoding.into(),
        ProblemKind::MalformedBody => ApiError::BodyUnreadable,
        ProblemKind::Unauthorized => ApiError::Unauthorized,
        ProblemKind::Forbidden => ApiError::Forbidden {
            scope: Scope::Admin,
        },
        ProblemKind::NotFound => SelectionError::NoSuchName.into(),
        ProblemKind::MethodNotAllowed => ApiError::MethodNotAllowed,
        ProblemKind::BodyTimeout => ApiError::BodyTimeout,
        ProblemKind::BodyTooLarge => ApiError::BodyTooLarge { limit: 33_554_432 },
        ProblemKind::UnsupportedMediaType => ApiError::UnsupportedMediaType {
            expected: "one history as content-type: application/json",
        },
        ProblemKind::UnderWay => ApiError::UnderWay,
        ProblemKind::KeyReused => ApiError::KeyReused,
        ProblemKind::Disagreement => ApiError::Disagreement(vec![Difference {
            pointer: "/targets/0/value".to_owned(),
            recorded: json!(0.25),
            computed: json!(0.5),
        }]),
        ProblemKind::CustomerErased => StoreError::CustomerErased.into(),
        ProblemKind::ErasedMeanwhile => StoreError::ErasedMeanwhile.into(),
        ProblemKind::InvalidContent => HistoryError::Invalid {
            pointer: "/transactions/0/amount".to_owned(),
            detail: "expected an amount of at most 1e12 in size".to_owned(),
        }
        .into(),
        ProblemKind::NotVerifiable => {
            ApiError::NotVerifiable("the version of the model that explained is not loaded")
        }
        ProblemKind::BundleRefused => {
            ApiError::BundleRefused(vec!["spending-personality version 2".to_owned()])
        }
        ProblemKind::TooManyRequests => ApiError::TooManyRequests { retry_after: 1 },
        ProblemKind::Internal => ApiError::Panic,
        ProblemKind::Busy => RunError::Busy.into(),
        ProblemKind::ShareFull => ApiError::ShareFull {
            resource: "open streams",
            setting: "max_streams",
        },
        ProblemKind::NotReady => ApiError::NotReady,
        ProblemKind::RecordAltered => StoreError::Altered(Broken {
            sequence: 57,
            fault: Fault::DocumentHash,
        })
        .into(),
        ProblemKind::NetworkHung => RunError::Hung.into(),
        ProblemKind::StoreUnavailable => StoreError::Closed.into(),
    }
}
