//! List of a customer's explanations, a page at a time.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::id::address;
use crate::ApiError;
use crate::model_selector::Number;
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters};
use crate::request::parse_query;
use crate::state::{OfCaller, Records, Telemetry};
use microseg_access::Scope;
use microseg_explain::{Level, Method, Verdict};
use microseg_history::Identifier;
use microseg_model::ModelIdentity;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::ListedRecord;

/// How many explanations a page of the list has, unless asked otherwise.
const PAGE: usize = 50;

/// How many it may have.
const LARGEST_PAGE: usize = 100;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/explanations", Scope::Read, list)
        .named(
            "list_explanations",
            Tag::Explanations,
            "List a customer's explanations",
        )
        .description("Newest first, a page at a time.")
        .parameter(parameters::customer_id().required())
        .parameter(Parameter::in_query(
            "limit",
            "How many a page has.",
            |_| json_schema!({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}),
            PAGE,
        ))
        .parameter(Parameter::in_query(
            "cursor",
            "The `next_cursor` of the page before.",
            |_| json_schema!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
            "7",
        ))
        .answer(Answer::new(
            200,
            "A page.",
            json::<List>(examples::explanations),
        ))
        .problems(&[ProblemKind::InvalidContent, ProblemKind::StoreUnavailable])
}

/// The query as text: each parameter is parsed by itself, so that a fault names it.
#[derive(Deserialize)]
struct ListQuery {
    customer_id: Option<String>,
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    fn customer_id(&self) -> Result<Identifier, ApiError> {
        let given = self.customer_id.as_deref();
        let id = given.and_then(|id| Identifier::parse(id).ok());
        id.ok_or(ApiError::Query {
            parameter: "customer_id",
            expected: "the id of a customer",
        })
    }

    fn limit(&self) -> Result<usize, ApiError> {
        let Some(text) = &self.limit else {
            return Ok(PAGE);
        };
        let limit = Number::of(text)
            .and_then(|_| text.parse().ok())
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit));
        limit.ok_or(ApiError::Query {
            parameter: "limit",
            expected: "a whole number from 1 to 100",
        })
    }

    fn cursor(&self) -> Result<Option<u64>, ApiError> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(|_| ApiError::Query {
            parameter: "cursor",
            expected: "the next_cursor of a page before",
        })
    }
}

/// A page of a customer's explanations.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ExplanationList")]
struct List {
    /// Newest first.
    explanations: Vec<Summary>,
    /// What to ask for as `cursor` to get the next page; `null` on the last one.
    #[schemars(example = "7")]
    next_cursor: Option<String>,
}

/// An explanation in short. Of a record that cannot be read, or does not match its hash, there is only what is known
/// without it, and `problem`.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ExplanationSummary")]
struct Summary {
    /// The explanation's id.
    id: Option<Uuid>,
    /// When it was made, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    created_at: Option<String>,
    /// Where it is on this server.
    href: Option<String>,
    /// The model that is explained.
    #[schemars(with = "Option<ModelIdentity>")]
    model: Option<Value>,
    /// The surrogate's method.
    #[schemars(with = "Option<Method>")]
    method: Option<String>,
    /// What one coefficient stands for.
    #[schemars(with = "Option<Level>")]
    level: Option<String>,
    /// The names of the numbers that it explains.
    targets: Vec<String>,
    /// Whether to trust it.
    #[schemars(with = "Option<Verdict>")]
    verdict: Option<String>,
    /// Why the record cannot be listed in full; absent when it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

async fn list(
    OfCaller(records): OfCaller<Records>,
    State(telemetry): State<Telemetry>,
    address: Uri,
) -> Result<Json<List>, ApiError> {
    let query: ListQuery = parse_query(&address).ok_or(ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, limit and cursor, each once at the most, in UTF-8",
    })?;
    let customer_id = query.customer_id()?;
    let (cursor, limit) = (query.cursor()?, query.limit()?);
    let page = records
        .store
        .list(customer_id.as_str(), cursor, limit)
        .await?;
    let next_cursor = page.next.map(|entry| entry.to_string());
    let explanations: Vec<Summary> = page.records.into_iter().map(Summary::of).collect();
    let is_faulty = |summary: &&Summary| summary.problem.is_some();
    let faulty = explanations.iter().filter(is_faulty).count();
    telemetry.metrics().records_altered(faulty as u64);
    Ok(Json(List {
        explanations,
        next_cursor,
    }))
}

impl Summary {
    fn of(record: ListedRecord) -> Self {
        let place = Self {
            id: record.id,
            created_at: record.created_at.map(|moment| moment.to_string()),
            href: record.id.map(address),
            model: None,
            method: None,
            level: None,
            targets: Vec::new(),
            verdict: None,
            problem: None,
        };
        match record.summary {
            Some(summary) if record.id.is_some() && record.created_at.is_some() => Self {
                model: Some(summary.model),
                method: Some(summary.method),
                level: Some(summary.level),
                targets: summary.targets,
                verdict: Some(summary.verdict),
                ..place
            },
            _ => Self {
                problem: Some(Problem::new(
                    ProblemKind::RecordAltered,
                    "the record cannot be read, or does not match its hash; `microseg audit` says more",
                )),
                ..place
            },
        }
    }
}
