//! `GET /v1/customers/{id}`: the current scoring of a kept customer, and its trajectory.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::CustomerId;
use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::operation::{Answer, Header, Operation, Tag, examples, json, parameters};
use crate::request::is_current;
use crate::state::{Bodies, CustomerScorer, KeptDocument, OfCaller, Records};
use microseg_access::Scope;
use microseg_history::Identifier;
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_scoring::{PeriodScore, Scoring};
use microseg_store::{Store, time_of};
use microseg_timing::Timing;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/customers/{id}", Scope::Read, current)
        .named("get_customer", Tag::Customers, "Get a customer's current scoring")
        .description(
            "The scoring of all kept transactions, the same to the last bit as that of `POST /v1/score` with all of them.",
        )
        .parameter(super::id())
        .parameter(parameters::model())
        .parameter(parameters::version())
        .answer(
            Answer::new(200, "The customer.", json::<CurrentCustomer>(examples::customer))
                .header(Header::EntityTag),
        )
        .answer(Answer::empty(304, "What `if-none-match` names is current."))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

pub(super) fn trajectory_operation() -> Operation {
    Operation::get("/v1/customers/{id}/trajectory", Scope::Read, trajectory)
        .named(
            "get_customer_trajectory",
            Tag::Customers,
            "Get a customer's trajectory",
        )
        .description("The state and the outputs after each period, as the scoring has them.")
        .parameter(super::id())
        .parameter(parameters::model())
        .parameter(parameters::version())
        .answer(Answer::new(
            200,
            "The trajectory.",
            json::<CustomerTrajectory>(examples::customer_trajectory),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::NotReady,
            ProblemKind::NetworkHung,
            ProblemKind::StoreUnavailable,
        ])
}

/// A kept customer with its current scoring.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Customer")]
pub(super) struct CurrentCustomer {
    /// Your name for the customer.
    customer_id: Identifier,
    /// How often its transactions have changed: that of the scoring.
    position: u64,
    /// How many transactions are kept one by one.
    transactions: u64,
    /// How many older ones are no longer kept one by one; they count as before. Absent when there are none.
    #[serde(skip_serializing_if = "is_none")]
    #[schemars(example = 731)]
    folded: u64,
    /// How many transactions came too late to be put in their place: they are in no scoring. Absent when there are none.
    #[serde(skip_serializing_if = "is_none")]
    #[schemars(example = 1)]
    late: u64,
    /// The time of the oldest of the late ones: since then the scorings are approximate. Absent when they are exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "2019-03-02T00:00:00Z")]
    approximate_since: Option<String>,
    /// SHA-256 over the features, each number as 4 bytes of IEEE 754 binary32, the most significant first; `null` without a
    /// scoring.
    state_sha256: Option<String>,
    /// The scoring; `null` when the transactions cannot be scored.
    #[schemars(with = "Option<Scoring>")]
    scoring: Option<Box<RawValue>>,
    /// Why they cannot be scored, as when there is no spending yet; `null` when they can.
    #[schemars(with = "Option<Problem>")]
    problem: Option<Box<RawValue>>,
    /// What the answer is known by, quoted.
    #[serde(skip)]
    tag: String,
}

/// The trajectory of a kept customer.
#[derive(JsonSchema, Serialize)]
struct CustomerTrajectory {
    /// Your name for the customer.
    customer_id: Identifier,
    /// How often its transactions have changed.
    position: u64,
    /// Oldest period first.
    #[schemars(with = "Vec<PeriodScore>")]
    trajectory: Box<RawValue>,
}

/// The part of a scoring that is looked at.
#[derive(Deserialize)]
struct WithTrajectory {
    trajectory: Box<RawValue>,
}

impl CurrentCustomer {
    /// The customer as it is now.
    ///
    /// # Errors
    /// [`ApiError::NoSuchCustomer`] when it is not kept.
    pub(super) async fn of(
        scorer: &CustomerScorer,
        store: &Store,
        bodies: &Bodies,
        model: &Arc<Model>,
        customer_id: &Identifier,
        timing: &mut Timing,
    ) -> Result<Self, ApiError> {
        let customer = store.customer(customer_id.as_str()).await?;
        let customer = customer.ok_or(ApiError::NoSuchCustomer)?;
        let kept = scorer
            .score(store, Some(bodies), model, (customer_id, &customer), timing)
            .await?;
        let KeptDocument {
            state_sha256,
            scoring,
            problem,
        } = serde_json::from_slice(&kept.document)?;
        Ok(Self {
            customer_id: customer_id.clone(),
            position: kept.position,
            transactions: customer.transactions,
            folded: customer.folded,
            late: customer.late,
            approximate_since: customer.approximate_since.map(time_of),
            state_sha256,
            scoring,
            problem,
            tag: format!("\"{}-{}\"", kept.position, kept.bundle_sha256),
        })
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_none(count: &u64) -> bool {
    *count == 0
}

async fn current(
    CustomerId(customer_id): CustomerId,
    OfCaller(records): OfCaller<Records>,
    bodies: Bodies,
    State(scorer): State<CustomerScorer>,
    SelectedModel(model): SelectedModel,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut timing = Timing::default();
    let (store, id) = (&records.store, &customer_id);
    let customer = CurrentCustomer::of(&scorer, store, &bodies, &model, id, &mut timing).await?;
    let tag = [(header::ETAG, customer.tag.clone())];
    if is_current(&headers, &customer.tag) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((Extension(timing), tag, Json(customer)).into_response())
}

async fn trajectory(
    CustomerId(customer_id): CustomerId,
    OfCaller(records): OfCaller<Records>,
    bodies: Bodies,
    State(scorer): State<CustomerScorer>,
    SelectedModel(model): SelectedModel,
) -> Result<Response, ApiError> {
    let mut timing = Timing::default();
    let (store, id) = (&records.store, &customer_id);
    let customer = CurrentCustomer::of(&scorer, store, &bodies, &model, id, &mut timing).await?;
    let scoring = customer.scoring.ok_or_else(|| {
        ApiError::InvalidContent("the customer's transactions cannot be scored yet".to_owned())
    })?;
    let WithTrajectory { trajectory } = serde_json::from_str(scoring.get())?;
    let document = CustomerTrajectory {
        customer_id,
        position: customer.position,
        trajectory,
    };
    Ok((Extension(timing), Json(document)).into_response())
}
