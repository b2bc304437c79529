//! List of a customer's explanations, a page at a time.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::id::address;
use crate::ApiError;
use crate::model_selector::Number;
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters};
use crate::state::{BlockingPool, Records};
use microseg_access::Scope;
use microseg_explain::{Level, Method, Verdict};
use microseg_history::Identifier;
use microseg_model::ModelIdentity;
use microseg_problem::ProblemKind;

/// How many explanations a page of the list has, unless asked otherwise.
const PAGE: usize = 50;

/// How many it may have.
const LARGEST_PAGE: usize = 100;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/explanations", Scope::Explain, list)
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
        // What was not UTF-8 has been replaced: no customer has such an id.
        let whole = given.filter(|id| !id.contains(char::REPLACEMENT_CHARACTER));
        let id = whole.and_then(|id| Identifier::parse(id).ok());
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

/// An explanation in short.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ExplanationSummary")]
struct Summary {
    /// The explanation's id.
    id: Uuid,
    /// When it was made, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// Where it is on this server.
    href: String,
    /// The model that is explained.
    #[schemars(with = "ModelIdentity")]
    model: Value,
    /// The surrogate's method.
    #[schemars(with = "Method")]
    method: String,
    /// What one coefficient stands for.
    #[schemars(with = "Level")]
    level: String,
    /// The names of the numbers that it explains.
    targets: Vec<String>,
    /// Whether to trust it.
    #[schemars(with = "Verdict")]
    verdict: String,
}

/// The part of a record that is in its summary.
#[derive(Deserialize)]
struct Recorded {
    id: Uuid,
    created_at: String,
    model: Value,
    method: RecordedMethod,
    targets: Vec<RecordedTarget>,
    quality: RecordedQuality,
}

#[derive(Deserialize)]
struct RecordedMethod {
    name: String,
    level: String,
}

#[derive(Deserialize)]
struct RecordedTarget {
    name: String,
}

#[derive(Deserialize)]
struct RecordedQuality {
    verdict: String,
}

async fn list(
    State(records): State<Records>,
    State(pool): State<BlockingPool>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<List>, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, limit and cursor, each once at the most",
    })?;
    let customer_id = query.customer_id()?;
    let (cursor, limit) = (query.cursor()?, query.limit()?);
    let page = records
        .store
        .list(customer_id.as_str(), cursor, limit)
        .await?;
    let next_cursor = page.next.map(|entry| entry.to_string());
    // Records may be long: reading many of them must not hold up a scoring.
    let summaries = pool.run(move || {
        let documents = page.documents.iter();
        let summaries =
            documents.map(|document| Ok(Summary::of(serde_json::from_slice(document)?)));
        let summaries: Result<Vec<Summary>, serde_json::Error> = summaries.collect();
        summaries
    });
    let explanations = summaries.await??;
    Ok(Json(List {
        explanations,
        next_cursor,
    }))
}

impl Summary {
    fn of(recorded: Recorded) -> Self {
        Self {
            href: address(recorded.id),
            id: recorded.id,
            created_at: recorded.created_at,
            model: recorded.model,
            method: recorded.method.name,
            level: recorded.method.level,
            targets: recorded
                .targets
                .into_iter()
                .map(|target| target.name)
                .collect(),
            verdict: recorded.quality.verdict,
        }
    }
}
