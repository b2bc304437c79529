//! `GET /v1/customers/{id}/transactions`: all kept transactions of a customer, as a history that can be sent again.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::CustomerId;
use crate::ApiError;
use crate::operation::{Answer, Operation, Tag, examples, raw};
use crate::state::{Bodies, CustomerScorer, OfCaller, Records, StateTokens};
use microseg_access::Scope;
use microseg_problem::ProblemKind;
use microseg_store::Fold;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/customers/{id}/transactions", Scope::Read, history)
        .named(
            "get_customer_transactions",
            Tag::Customers,
            "Get all kept transactions of a customer",
        )
        .description(
            "By time, as a history that `POST /v1/score` takes: what is held of the customer, to be handed over. Where older \
            transactions are no longer kept one by one, `state_token` has what stands for them.",
        )
        .parameter(super::id())
        .answer(Answer::new(
            200,
            "The history.",
            // The type of requests: as an answer its schema would require every member.
            raw("application/json", || {
                json!({
                    "schema": {"$ref": "#/components/schemas/History"},
                    "example": examples::score_request(),
                })
            }),
        ))
        .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable])
}

async fn history(
    CustomerId(customer_id): CustomerId,
    OfCaller(records): OfCaller<Records>,
    OfCaller(tokens): OfCaller<StateTokens>,
    State(scorer): State<CustomerScorer>,
    bodies: Bodies,
) -> Result<Response, ApiError> {
    let seal = |fold: &Fold| tokens.seal_fold(&*scorer.default_model()?, &customer_id, fold);
    let kept = records
        .kept_history(&customer_id, &bodies, None, seal)
        .await?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, kept.document).into_response())
}
