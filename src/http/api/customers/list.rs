//! `GET /v1/customers`: kept customers, a page at a time.

use axum::Json;
use axum::http::Uri;
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::api::paging::{Paging, cursor};
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters};
use crate::request::parse_query;
use crate::state::{OfCaller, Records};
use microseg_access::Scope;
use microseg_model::is_model_name;
use microseg_problem::ProblemKind;
use microseg_store::{CustomerFilter, ListedCustomer};

/// How long the pages are.
const PAGING: Paging = Paging {
    usual: 100,
    most: 1000,
    expected: "a whole number from 1 to 1000",
};

pub(super) fn operation() -> Operation {
    Operation::get("/v1/customers", Scope::Read, list)
        .named("list_customers", Tag::Customers, "List the kept customers")
        .description(
            "In the order in which they were first kept, a page at a time. Model and micro-segment are those of the latest \
            scoring; it follows the transactions within seconds.",
        )
        .parameter(parameters::model())
        .parameter(Parameter::in_query(
            "segment",
            "Only those in this micro-segment, by its id.",
            |_| json_schema!({"type": "string", "minLength": 1}),
            "1.2",
        ))
        .parameter(Parameter::in_query(
            "limit",
            "How many a page has.",
            |_| json_schema!({"type": "integer", "minimum": 1, "maximum": PAGING.most, "default": PAGING.usual}),
            PAGING.usual,
        ))
        .parameter(Parameter::in_query(
            "cursor",
            "The `next_cursor` of the page before.",
            |_| json_schema!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
            "100",
        ))
        .answer(Answer::new(200, "A page.", json::<List>(examples::customers)))
        .problems(&[ProblemKind::InvalidContent, ProblemKind::StoreUnavailable])
}

/// The query as text: each parameter is parsed by itself, so that a fault names it.
#[derive(Deserialize)]
struct ListQuery {
    model: Option<String>,
    segment: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// A page of kept customers.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CustomerList")]
struct List {
    /// In the order in which they were first kept.
    customers: Vec<Listed>,
    /// What to ask for as `cursor` to get the next page; `null` on the last one.
    #[schemars(example = "100")]
    next_cursor: Option<String>,
}

/// A kept customer in short.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ListedCustomer")]
struct Listed {
    /// Your name for the customer.
    customer_id: String,
    /// How often its transactions have changed.
    position: u64,
    /// How many transactions are kept.
    transactions: u64,
    /// The position of its latest scoring; `null` before the first one.
    scored_position: Option<u64>,
    /// The model of that scoring.
    model: Option<String>,
    /// The micro-segment in it; `null` without a scoring, and where the transactions cannot be scored.
    segment: Option<String>,
}

async fn list(OfCaller(records): OfCaller<Records>, address: Uri) -> Result<Json<List>, ApiError> {
    let query: ListQuery = parse_query(&address).ok_or(ApiError::Query {
        parameter: "parameters",
        expected: "model, segment, limit and cursor, each once at the most, in UTF-8",
    })?;
    let segment = query.segment.as_deref();
    if segment.is_some_and(str::is_empty) {
        return Err(ApiError::Query {
            parameter: "segment",
            expected: "the id of a micro-segment",
        });
    }
    if !query.model.as_deref().is_none_or(is_model_name) {
        return Err(ApiError::Query {
            parameter: "model",
            expected: "the name of a model",
        });
    }
    let (limit, after) = (
        PAGING.limit(query.limit.as_deref())?,
        cursor(query.cursor.as_deref())?,
    );
    let filter = CustomerFilter {
        model: query.model,
        segment: query.segment,
        after,
    };
    // One more tells whether there is another page.
    let mut found = records.store.customers(&filter, limit + 1).await?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let last = found.last().map(|customer| customer.number.to_string());
    Ok(Json(List {
        next_cursor: last.filter(|_| !is_last),
        customers: found.into_iter().map(Listed::of).collect(),
    }))
}

impl Listed {
    fn of(customer: ListedCustomer) -> Self {
        Self {
            customer_id: customer.customer_id,
            position: customer.position,
            transactions: customer.transactions,
            scored_position: customer.scored_position,
            model: customer.model,
            segment: customer.segment,
        }
    }
}
