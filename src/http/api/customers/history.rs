//! `GET /v1/customers/{id}/transactions`: all kept transactions of a customer, as a history that can be sent again.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::CustomerId;
use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, examples, json};
use crate::state::{Bodies, OfCaller, Records};
use microseg_access::Scope;
use microseg_encoding::kept_history;
use microseg_history::HistorySchema;
use microseg_problem::ProblemKind;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/customers/{id}/transactions", Scope::Read, history)
        .named(
            "get_customer_transactions",
            Tag::Customers,
            "Get all kept transactions of a customer",
        )
        .description("By time, as a history that `POST /v1/score` takes: what is held of the customer, to be handed over.")
        .parameter(super::id())
        .answer(Answer::new(
            200,
            "The history.",
            json::<HistorySchema>(examples::score_request),
        ))
        .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

async fn history(
    CustomerId(customer_id): CustomerId,
    OfCaller(records): OfCaller<Records>,
    bodies: Bodies,
) -> Result<Response, ApiError> {
    let store = &records.store;
    let customer = store.customer(customer_id.as_str()).await?;
    let customer = customer.ok_or(ApiError::NoSuchCustomer)?;
    let bytes = usize::try_from(customer.bytes).unwrap_or(usize::MAX);
    // Read and put together: twice their size.
    let _memory = bodies.reserve(bytes.saturating_mul(2))?;
    let (_, transactions) = store.transactions_of(&customer).await?;
    let (id, settings) = (customer_id.as_str(), &*customer.settings);
    let history = kept_history(id, settings, &transactions, None)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], history).into_response())
}
