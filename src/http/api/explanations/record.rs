//! One recorded explanation: fetched again, and erased.

use axum::extract::{FromRef as _, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use schemars::json_schema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::id::ExplanationId;
use super::schemas::RecordedExplanation;
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters, raw};
use crate::pages::{NoCourse, prefers_page};
use crate::request::{Caller, parse_query};
use crate::state::{Models, OfCaller, Records, StateTokens, Telemetry};
use crate::{ApiError, App, pages};
use microseg_access::Scope;
use microseg_pages::{Course, ExplanationDocuments, explanation_figure, explanation_page};
use microseg_problem::ProblemKind;
use microseg_store::StoreError;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/explanations/{id}", Scope::Read, one)
        .named(
            "get_explanation",
            Tag::Explanations,
            "Fetch an explanation again",
        )
        .description(
            "The same bytes as when it was made: a record that does not match its hash is not served. A browser, which names \
            `text/html` in `accept`, gets a page of it.",
        )
        .parameter(parameters::id("The explanation's id."))
        .parameter(Parameter::in_query(
            "format",
            "`json` for the document, whatever `accept` says.",
            |_| json_schema!({"type": "string", "enum": ["json"]}),
            "json",
        ))
        .answer(Answer::new(
            200,
            "The explanation.",
            json::<RecordedExplanation>(examples::explanation),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::RecordAltered,
            ProblemKind::StoreUnavailable,
        ])
}

pub(super) fn chart_operation() -> Operation {
    let content = || json!({"schema": {"type": "string"}, "example": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"});
    Operation::get("/v1/explanations/{id}/chart.svg", Scope::Read, chart)
        .named("get_chart", Tag::Explanations, "A figure of an explanation")
        .description("One figure of the record's page, in a file that others can show.")
        .parameter(parameters::id("The explanation's id."))
        .parameter(Parameter::in_query(
            "figure",
            "Which one: `cause-0` and so on, by target; `pairs-0` and so on, of the targets with interactions; `recourse-0` and \
            so on, by alternative; `fidelity`; and where the key may score and the input was kept `trajectory`, `outputs` and \
            `spending`. Without it the first one.",
            |_| json_schema!({"type": "string"}),
            "cause-0",
        ))
        .answer(Answer::new(200, "The figure.", raw("image/svg+xml", content)))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::RecordAltered,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

pub(super) fn erasure() -> Operation {
    Operation::delete("/v1/explanations/{id}", Scope::Admin, erase)
        .named(
            "erase_explanation",
            Tag::Explanations,
            "Erase an explanation",
        )
        .description("The chain of records keeps its hash, and nothing else of it.")
        .parameter(parameters::id("The explanation's id."))
        .answer(Answer::empty(204, "It is gone."))
        .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

/// A record's own bytes as an answer.
pub(crate) fn document(record: Vec<u8>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], record)
}

async fn one(
    OfCaller(records): OfCaller<Records>,
    State(telemetry): State<Telemetry>,
    sight: Sight,
    ExplanationId(id): ExplanationId,
    (address, headers): (Uri, HeaderMap),
) -> Result<Response, ApiError> {
    let record = found(&records, &telemetry, id).await?;
    let query: FormatQuery = parse_query(&address).unwrap_or_default();
    if !prefers_page(&headers) || query.format.as_deref() == Some("json") {
        let vary = [(header::VARY, "accept")];
        return Ok((vary, document(record)).into_response());
    }
    let record: Value = serde_json::from_slice(&record)?;
    let course = sight.course(&records, id, &record).await?;
    let documents = ExplanationDocuments {
        explanation: &record,
        course: course.as_ref().ok(),
        course_note: course.as_ref().err().map(NoCourse::note),
        history: None,
    };
    pages::page(explanation_page(
        &documents,
        &pages::frame(&sight.caller, "/records"),
    ))
}

/// One figure of the record's page.
async fn chart(
    OfCaller(records): OfCaller<Records>,
    State(telemetry): State<Telemetry>,
    sight: Sight,
    ExplanationId(id): ExplanationId,
    address: Uri,
) -> Result<Response, ApiError> {
    let query: FigureQuery = parse_query(&address).ok_or(ApiError::Query {
        parameter: "figure",
        expected: "the name of one figure, once",
    })?;
    let record: Value = serde_json::from_slice(&found(&records, &telemetry, id).await?)?;
    let course = sight.course(&records, id, &record).await?;
    let documents = ExplanationDocuments {
        explanation: &record,
        course: course.as_ref().ok(),
        course_note: None,
        history: None,
    };
    let figure = explanation_figure(&documents, query.figure.as_deref())?;
    figure.map(pages::picture).ok_or(ApiError::Query {
        parameter: "figure",
        expected: "a figure of the record's page: cause-0, pairs-0, recourse-0 and so on, fidelity, and with the scope score \
            trajectory, outputs and spending",
    })
}

/// A record's bytes.
async fn found(records: &Records, telemetry: &Telemetry, id: Uuid) -> Result<Vec<u8>, ApiError> {
    let record = records.store.document(id).await.inspect_err(|error| {
        if matches!(error, StoreError::Altered(_)) {
            telemetry.metrics().records_altered(1);
        }
    })?;
    record.ok_or(ApiError::NoSuchExplanation)
}

/// What a caller may see beside a record.
struct Sight {
    caller: Caller,
    models: Models,
    tokens: StateTokens,
}

impl FromRequestParts<App> for Sight {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let OfCaller(tokens) = OfCaller::from_request_parts(parts, app).await?;
        let caller = parts.extensions.get::<Caller>().cloned();
        Ok(Self {
            caller: caller.ok_or(ApiError::Unauthorized)?,
            models: Models::from_ref(app),
            tokens,
        })
    }
}

impl Sight {
    async fn course(
        &self,
        records: &Records,
        id: Uuid,
        record: &Value,
    ) -> Result<Result<Course, NoCourse>, ApiError> {
        pages::of_record(
            &self.caller,
            (records, &self.models, &self.tokens),
            (id, record),
        )
        .await
    }
}

#[derive(Default, Deserialize)]
struct FormatQuery {
    format: Option<String>,
}

#[derive(Deserialize)]
struct FigureQuery {
    figure: Option<String>,
}

async fn erase(
    OfCaller(records): OfCaller<Records>,
    ExplanationId(id): ExplanationId,
) -> Result<StatusCode, ApiError> {
    if records.store.erase(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NoSuchExplanation)
    }
}
