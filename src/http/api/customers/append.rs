//! `POST /v1/customers/{id}/transactions`: transactions of one customer are kept.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CustomerId;
use super::current::{CurrentCustomer, is_none};
use super::keeper::Keeper;
use super::keyed_lines::KeyedLines;
use super::lines::LineReader;
use super::ndjson::{self, TransactionLines};
use crate::ApiError;
use crate::api::idempotency::{self, IdempotencyKey};
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Operation, Parameter, Tag, examples, json, parameters};
use crate::request::{JsonBody, MediaType, parse_query};
use crate::state::{Bodies, CustomerScorer};
use microseg_access::Scope;
use microseg_history::{HistoryError, Identifier, TransactionsSchema};
use microseg_problem::ProblemKind;
use microseg_store::time_of;
use microseg_timing::Timing;

pub(super) fn operation() -> Operation {
    Operation::post("/v1/customers/{id}/transactions", Scope::Write, append)
        .named(
            "add_transactions",
            Tag::Customers,
            "Keep transactions of a customer",
        )
        .description(
            "What is acknowledged is durable. Each transaction has an id of yours: sent again it is counted once, and another \
            one with its id takes its place. The model checks what it is sent; a fault keeps nothing. As \
            `application/x-ndjson`, a transaction a line, each line is answered by itself.",
        )
        .parameter(super::id())
        .parameter(parameters::model())
        .parameter(parameters::version())
        .parameter(Parameter::in_query(
            "scoring",
            "`true` to get the customer's new scoring with the answer.",
            |_| json_schema!({"type": "string", "enum": ["true", "false"], "default": "false"}),
            "true",
        ))
        .parameter(idempotency::parameter_of_transactions())
        .body(json::<TransactionsSchema>(examples::new_transactions))
        .body(ndjson::lines_of_one_customer())
        .answer(
            Answer::new(
                200,
                "What became of them.",
                json::<Kept>(|| {
                    json!({
                        "customer_id": "c-1029", "position": 2, "added": 2, "corrected": 0, "duplicates": 0,
                        "transactions": 733, "warnings": [],
                    })
                }),
            )
            .or(ndjson::answered_lines()),
        )
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::ErasedMeanwhile,
            ProblemKind::CustomerErased,
            ProblemKind::KeyReused,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

/// What became of transactions that were sent.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "KeptTransactions")]
struct Kept {
    /// Your name for the customer.
    customer_id: Identifier,
    /// How often the customer's transactions have changed: once for every request that added or corrected any.
    position: u64,
    /// Those with a new id.
    added: u64,
    /// Those that took the place of another one with their id.
    corrected: u64,
    /// Those that were kept already.
    duplicates: u64,
    /// How many transactions are kept of the customer now.
    transactions: u64,
    /// Those that came too late to be put in their place: they are in no scoring. Absent when there are none.
    #[serde(skip_serializing_if = "is_none")]
    #[schemars(example = 1)]
    late: u64,
    /// Since when the customer's scorings are approximate, where some came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "2019-03-02T00:00:00Z")]
    approximate_since: Option<String>,
    /// Members that are not known and were not kept.
    warnings: Vec<String>,
    /// The customer as it is now, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CurrentCustomer>,
}

/// What the head of a request says, beside customer and model.
struct Head {
    /// Whether the answer is to have the scoring.
    wants_scoring: bool,
    /// The name of the request.
    key: Option<String>,
}

#[derive(Deserialize)]
struct ScoringQuery {
    scoring: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Head {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self {
            wants_scoring: wants_scoring(&parts.uri)?,
            key,
        })
    }
}

fn wants_scoring(address: &Uri) -> Result<bool, ApiError> {
    const REFUSED: ApiError = ApiError::Query {
        parameter: "scoring",
        expected: "true or false, once",
    };
    let query: ScoringQuery = parse_query(address).ok_or(REFUSED)?;
    match query.scoring.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(REFUSED),
    }
}

async fn append(
    CustomerId(customer_id): CustomerId,
    Head { wants_scoring, key }: Head,
    keeper: Keeper,
    bodies: Bodies,
    State(scorer): State<CustomerScorer>,
    SelectedModel(model): SelectedModel,
    request: Request,
) -> Result<Response, ApiError> {
    if MediaType::of(request.headers()) == Some(MediaType::Ndjson) {
        let reader = LineReader::new(model, &bodies, Some(customer_id));
        return match key {
            Some(key) => {
                KeyedLines::new(keeper, reader)
                    .answer(request, &bodies, &key)
                    .await
            }
            None => TransactionLines::new(keeper, reader, bodies).answer(request.into_body()),
        };
    }
    let admitted = keeper.store.admit().await?;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = JsonBody::receive(request, &bodies).await?;
    let keyed = key.map(|key| {
        let bytes = body.keep().bytes;
        let id = customer_id.as_str();
        let parts = ["transactions", id, &query].map(str::as_bytes);
        keeper.keyed(&key, parts.into_iter().chain([&*bytes]), Some(&customer_id))
    });
    let mut timing = Timing::default();
    let read = body
        .parse(&model, &mut timing, |encoder, bytes| {
            encoder.read_to_keep(bytes)
        })
        .await?;
    if read
        .customer_id
        .as_ref()
        .is_some_and(|id| *id != customer_id)
    {
        return Err(HistoryError::Invalid {
            pointer: "/customer_id".to_owned(),
            detail: "the address names another customer".to_owned(),
        }
        .into());
    }
    let warnings = read.warnings.clone();
    let added = keeper.keep(&customer_id, read, admitted, keyed).await?;
    let customer = if wants_scoring {
        let store = &keeper.store;
        Some(CurrentCustomer::of(&scorer, store, &bodies, &model, &customer_id, &mut timing).await?)
    } else {
        None
    };
    let kept = Kept {
        customer_id,
        position: added.position,
        added: added.added,
        corrected: added.corrected,
        duplicates: added.duplicates,
        transactions: added.transactions,
        late: added.late,
        approximate_since: added.approximate_since.map(time_of),
        warnings,
        customer,
    };
    let mut response = (Extension(timing), Json(kept)).into_response();
    if added.is_replayed {
        idempotency::mark_replayed(&mut response);
    }
    Ok(response)
}
