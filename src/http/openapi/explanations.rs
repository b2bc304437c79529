//! Explanations: asked for, fetched, listed, computed again, erased; and jobs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::operation::Operation;
use super::parameters::{self, in_query};
use super::schemas::{AskedOptions, Schemas};
use super::{examples, problems};
use crate::customers::Erasure;
use crate::explanations::{Agreement, List};
use crate::jobs::JobDocument;
use microseg_explain::Explanation;
use microseg_history::HistorySchema;
use microseg_problem::ProblemKind;

const TAG: &str = "explanations";

/// A history, and what is asked about it.
#[derive(JsonSchema)]
#[schemars(rename = "ExplanationRequest")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Request {
    #[schemars(flatten)]
    history: HistorySchema,
    /// What is asked; absent, all defaults.
    explain: Option<AskedOptions>,
}

/// An explanation as it was recorded: its last three members chain it to the record before it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "RecordedExplanation")]
pub(super) struct Recorded {
    #[serde(flatten)]
    explanation: Explanation,
    /// The `record_sha256` of the record before it; zeros for the first.
    previous_sha256: String,
    /// SHA-256 of the document without these three members, in lower-case hex.
    document_sha256: String,
    /// SHA-256 of the two above, each with a line feed behind it, in lower-case hex.
    record_sha256: String,
}

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![
        explain(schemas),
        list(schemas),
        one(schemas),
        verify(schemas),
        erase(),
        job(schemas),
        erase_customer(schemas),
    ]
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

fn explain(schemas: &mut Schemas) -> Operation {
    Operation::new(
        ("POST", "/v1/explain"),
        "explain",
        TAG,
        "Explain what drove the numbers of a history",
    )
    .says(
        "Fits a linear surrogate to the network near this customer (or unrolls the one of the whole population), tests it \
        where it was not fitted, and records the explanation before it is answered. With `prefer: respond-async` the \
        answer is a job.",
    )
    .takes(parameters::model())
    .takes(parameters::version())
    .takes(parameters::prefer())
    .reads(
        "application/json",
        schemas.request::<Request>(examples::explain_request()),
    )
    .answers_json(
        201,
        "The explanation.",
        schemas.answer::<Recorded>(examples::explanation()))
    .with_header(201, "location", header("ExplanationLocation"))
    .answers_json(
        202,
        "The job that will explain.",
        schemas.answer::<JobDocument>(examples::queued()))
    .with_header(202, "location", header("JobLocation"))
    .with_header(202, "preference-applied", header("PreferenceApplied"))
    .fails(&[
        ProblemKind::NotFound,
        ProblemKind::UnsupportedMediaType,
        ProblemKind::ErasedMeanwhile,
        ProblemKind::NotReady,
        ProblemKind::StoreUnavailable,
    ])
}

fn list(schemas: &mut Schemas) -> Operation {
    let mut customer = parameters::customer_id();
    customer["required"] = true.into();
    Operation::new(
        ("GET", "/v1/explanations"),
        "list_explanations",
        TAG,
        "List a customer's explanations",
    )
    .says("Newest first, a page at a time.")
    .takes(customer)
    .takes(in_query(
        "limit",
        "How many a page has.",
        &json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
        &json!(50),
    ))
    .takes(in_query(
        "cursor",
        "The `next_cursor` of the page before.",
        &json!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
        &json!("7"),
    ))
    .answers_json(
        200,
        "A page.",
        schemas.answer::<List>(examples::explanations()),
    )
    .fails(&[ProblemKind::InvalidContent, ProblemKind::StoreUnavailable])
}

fn one(schemas: &mut Schemas) -> Operation {
    Operation::new(
        ("GET", "/v1/explanations/{id}"),
        "get_explanation",
        TAG,
        "Fetch an explanation again",
    )
    .says("The same bytes as when it was made.")
    .takes(parameters::explanation_id())
    .answers_json(
        200,
        "The explanation.",
        schemas.answer::<Recorded>(examples::explanation()),
    )
    .fails(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

fn verify(schemas: &mut Schemas) -> Operation {
    Operation::new(
        ("POST", "/v1/explanations/{id}/verify"),
        "verify_explanation",
        TAG,
        "Compute an explanation again",
    )
    .says("From what was kept of its input, by the version of the model that made it, and compares bit for bit.")
    .takes(parameters::explanation_id())
    .answers_json(
        200,
        "The same numbers, bit for bit.",
        schemas.answer::<Agreement>(examples::agreement()))
    .fails(&[
        ProblemKind::NotFound,
        ProblemKind::Disagreement,
        ProblemKind::NotVerifiable,
        ProblemKind::NotReady,
        ProblemKind::StoreUnavailable,
    ])
}

fn erase() -> Operation {
    Operation::new(
        ("DELETE", "/v1/explanations/{id}"),
        "erase_explanation",
        TAG,
        "Erase an explanation",
    )
    .says("The chain of records keeps its hash, and nothing else of it.")
    .takes(parameters::explanation_id())
    .answers(204, "It is gone.", None)
    .fails(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

fn job(schemas: &mut Schemas) -> Operation {
    Operation::new(
        ("GET", "/v1/jobs/{id}"),
        "get_job",
        TAG,
        "Ask how far a job is",
    )
    .says("Until it is done or failed, `retry-after` says when to ask again. A job outlives the server.")
    .takes(parameters::job_id())
    .answers_json(
        200,
        "The job.",
        schemas.answer::<JobDocument>(examples::done()))
    .with_header(200, "retry-after", problems::retry_after())
    .fails(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

fn erase_customer(schemas: &mut Schemas) -> Operation {
    Operation::new(
        ("DELETE", "/v1/customers/{id}"),
        "erase_customer",
        TAG,
        "Erase all that is held of a customer",
    )
    .says("Explanations, what was kept of their input, and jobs. The same request again erases nothing, and says so.")
    .takes(parameters::customer_in_path())
    .answers_json(
        200,
        "How much was erased.",
        schemas.answer::<Erasure>(json!({"explanations": 2, "jobs": 0})))
    .fails(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}
