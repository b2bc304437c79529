//! List of a customer's explanations, a page at a time.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::id::address;
use crate::ApiError;
use crate::api::paging::{Paging, cursor};
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters};
use crate::request::parse_query;
use crate::state::{OfCaller, Records, Telemetry};
use microseg_access::Scope;
use microseg_explain::{Level, Method, Verdict};
use microseg_history::{Identifier, Moment};
use microseg_model::ModelIdentity;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::ListedRecord;

/// How long the pages are.
const PAGING: Paging = Paging {
    usual: 50,
    most: 100,
    expected: "a whole number from 1 to 100",
};

/// How many records are looked at for one page: with filters that few of them match, a page may have fewer than its limit.
const MOST_LOOKED_AT: usize = 1_000;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/explanations", Scope::Read, list)
        .named(
            "list_explanations",
            Tag::Explanations,
            "List a customer's explanations",
        )
        .description("Newest first, a page at a time; with filters only those that match all of them.")
        .parameter(parameters::customer_id().required())
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
            "7",
        ))
        .parameter(Parameter::in_query(
            "verdict",
            "Only those with this verdict.",
            SchemaGenerator::subschema_for::<Verdict>,
            "ok",
        ))
        .parameter(Parameter::in_query(
            "model",
            "Only those of the model of this name, of any version.",
            |_| json_schema!({"type": "string"}),
            "spending-personality",
        ))
        .parameter(Parameter::in_query(
            "from",
            "Only those that were made at this moment or later: an RFC 3339 time, or a date in UTC.",
            |_| json_schema!({"type": "string"}),
            "2026-01-01",
        ))
        .parameter(Parameter::in_query(
            "until",
            "Only those that were made before this moment: an RFC 3339 time, or a date in UTC.",
            |_| json_schema!({"type": "string"}),
            "2100-01-01",
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
    verdict: Option<String>,
    model: Option<String>,
    from: Option<String>,
    until: Option<String>,
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
}

/// What a record must match to be listed. One that cannot be read is listed in any case.
#[derive(Default)]
struct Filter {
    verdict: Option<Verdict>,
    model: Option<String>,
    from: Option<Moment>,
    until: Option<Moment>,
}

impl Filter {
    fn of(query: &ListQuery) -> Result<Self, ApiError> {
        let moment = |parameter: &'static str, text: &Option<String>| {
            let moment = text.as_deref().map(Moment::parse).transpose();
            moment.map_err(|expected| ApiError::Query {
                parameter,
                expected,
            })
        };
        let verdict = query.verdict.as_deref().map(str::parse).transpose();
        Ok(Self {
            verdict: verdict.map_err(|_| ApiError::Query {
                parameter: "verdict",
                expected: "ok, low_fidelity, unstable, borderline or nothing_to_explain",
            })?,
            model: query.model.clone(),
            from: moment("from", &query.from)?,
            until: moment("until", &query.until)?,
        })
    }

    fn takes(&self, record: &ListedRecord) -> bool {
        let Some(summary) = &record.summary else {
            return true;
        };
        let made = record
            .created_at
            .and_then(|made| Moment::from_unix_microseconds(made.as_microsecond()).ok());
        let name = summary.model["name"].as_str();
        let is_of = |wanted: &String| name == Some(wanted.as_str());
        let has = |wanted: Verdict| summary.verdict == wanted.name();
        self.verdict.is_none_or(has)
            && self.model.as_ref().is_none_or(is_of)
            && self
                .from
                .is_none_or(|from| made.is_none_or(|made| made >= from))
            && self
                .until
                .is_none_or(|until| made.is_none_or(|made| made < until))
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
        expected: "customer_id, limit, cursor, verdict, model, from and until, each once at the most, in UTF-8",
    })?;
    let customer_id = query.customer_id()?;
    let (cursor, limit) = (
        cursor(query.cursor.as_deref())?,
        PAGING.limit(query.limit.as_deref())?,
    );
    let filter = Filter::of(&query)?;
    let customer = customer_id.as_str();
    let (mut found, mut next, mut looked_at) = (Vec::new(), cursor, 0);
    loop {
        // Never more than the page still has room for, so that the cursor lies behind the last one.
        let room = limit - found.len();
        let page = records.store.list(customer, next, room).await?;
        looked_at += page.records.len();
        found.extend(page.records.into_iter().filter(|one| filter.takes(one)));
        next = page.next;
        if next.is_none() || found.len() == limit || looked_at >= MOST_LOOKED_AT {
            break;
        }
    }
    let next_cursor = next.map(|entry| entry.to_string());
    let explanations: Vec<Summary> = found.into_iter().map(Summary::of).collect();
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
