//! `/records`: the records of a customer, limited by verdict, model and date.

use axum::Extension;
use axum::http::Uri;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use crate::operation::Operation;
use crate::request::{Caller, parse_query};
use crate::state::{OfCaller, Records};
use crate::{ApiError, pages};
use microseg_access::Scope;
use microseg_history::Identifier;
use microseg_pages::{RecordRow, RecordsPage, records_page};
use microseg_store::{ListedRecord, Page};

/// How many records are looked at for a page.
const PAGE: usize = 100;

pub(super) fn operation() -> Operation {
    Operation::get("/records", Scope::Read, list).page()
}

/// The query; an empty member is as if it were absent, as a form sends it.
#[derive(Debug, Default, Deserialize)]
struct RecordsQuery {
    #[serde(default)]
    customer_id: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    cursor: String,
}

async fn list(
    OfCaller(records): OfCaller<Records>,
    Extension(caller): Extension<Caller>,
    address: Uri,
) -> Result<Response, ApiError> {
    let query: RecordsQuery = parse_query(&address).ok_or(ApiError::Query {
        parameter: "parameters",
        expected: "customer_id, verdict, model, since and cursor, each once at the most, in UTF-8",
    })?;
    let is_asked = !query.customer_id.is_empty();
    let page = if is_asked {
        let customer = Identifier::parse(&query.customer_id).map_err(|_| ApiError::Query {
            parameter: "customer_id",
            expected: "the id of a customer",
        })?;
        records
            .store
            .list(customer.as_str(), query.cursor()?, PAGE)
            .await?
    } else {
        Page::default()
    };
    let next = page.next.map(|cursor| query.address(cursor));
    let rows = page.records.into_iter().map(row);
    let view = RecordsPage {
        is_asked,
        rows: rows.filter(|row| query.fits(row)).collect(),
        next,
        customer_id: query.customer_id,
        verdict: query.verdict,
        model: query.model,
        since: query.since,
    };
    pages::page(records_page(&view, &pages::frame(&caller, "/records")))
}

impl RecordsQuery {
    fn cursor(&self) -> Result<Option<u64>, ApiError> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        self.cursor.parse().map(Some).map_err(|_| ApiError::Query {
            parameter: "cursor",
            expected: "that of a page before",
        })
    }

    /// Dates and times of RFC 3339 in UTC are in the order of their texts.
    fn fits(&self, row: &RecordRow) -> bool {
        (self.verdict.is_empty() || row.verdict == self.verdict)
            && (self.model.is_empty() || row.model.split(' ').next() == Some(&self.model))
            && row.created_at.as_str() >= self.since.as_str()
    }

    /// The address of the page that begins at a cursor.
    fn address(&self, cursor: u64) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        format!(
            "/records?customer_id={}&verdict={}&model={}&since={}&cursor={cursor}",
            encoded(&self.customer_id),
            encoded(&self.verdict),
            encoded(&self.model),
            encoded(&self.since)
        )
    }
}

fn row(record: ListedRecord) -> RecordRow {
    let created_at = record
        .created_at
        .map_or("unknown".to_owned(), |at| at.to_string());
    let Some(summary) = record.summary else {
        return RecordRow {
            href: None,
            created_at,
            verdict: "cannot be read".to_owned(),
            model: String::new(),
            method: String::new(),
            targets: "the record cannot be read, or does not match its hash".to_owned(),
        };
    };
    let member = |name: &str| {
        summary
            .model
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    RecordRow {
        href: record.id.map(|id| format!("/v1/explanations/{id}")),
        created_at,
        model: format!("{} {}", member("name"), member("version")),
        method: format!("{} by {}", summary.method, summary.level),
        targets: summary.targets.join(", "),
        verdict: summary.verdict,
    }
}
