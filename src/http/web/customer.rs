//! `/customers/{id}`: a kept customer, where it is and where it has been; the page follows its changes.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model_selector::SelectedModel;
use crate::operation::Operation;
use crate::request::Caller;
use crate::state::{BlockingPool, Bodies, OfCaller, Records, StateTokens};
use crate::{ApiError, pages};
use microseg_access::Scope;
use microseg_history::Identifier;
use microseg_model::Model;
use microseg_pages::{ChangeRow, Course, CustomerPage, customer_page};
use microseg_problem::Problem;
use microseg_store::{Fold, SegmentChange};

/// How many changes of the micro-segment are looked at, and how many of them are shown.
const CHANGES: usize = 1000;
const SHOWN: usize = 8;

pub(super) fn operation() -> Operation {
    Operation::get("/customers/{id}", Scope::Read, one).page()
}

async fn one(
    OfCaller(records): OfCaller<Records>,
    OfCaller(tokens): OfCaller<StateTokens>,
    Extension(caller): Extension<Caller>,
    State(pool): State<BlockingPool>,
    bodies: Bodies,
    SelectedModel(model): SelectedModel,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NotFound)?;
    let id = Identifier::parse(&id).map_err(|_| ApiError::NotFound)?;
    let seal = |fold: &Fold| tokens.seal_fold(&model, &id, fold);
    let kept = records.kept_history(&id, &bodies, None, seal).await?;
    let mut changes = records
        .store
        .segment_changes(&kept.customer, 0, CHANGES)
        .await?;
    changes.reverse();
    let last_change = changes.first().map_or(0, |change| change.sequence);
    let (course, note) = match course(&pool, &model, tokens, kept.document).await? {
        Ok(course) => (Some(course), None),
        Err(problem) => (None, Some(problem.detail().to_owned())),
    };
    let encoded = utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC);
    let page = CustomerPage {
        customer_id: id.as_str(),
        position: kept.position,
        transactions: kept.customer.transactions,
        changes: changes.into_iter().take(SHOWN).map(row).collect(),
        course: course.as_ref(),
        note,
        events: format!("/v1/customers/{encoded}/events?position={}", kept.position),
        last_change,
        here: format!("/customers/{encoded}"),
        document: format!("/v1/customers/{encoded}"),
        records: format!("/records?customer_id={encoded}"),
    };
    pages::live_page(customer_page(&page, &pages::frame(&caller, "/")))
}

/// The course of a history, or why it cannot be scored.
async fn course(
    pool: &BlockingPool,
    model: &Arc<Model>,
    tokens: StateTokens,
    document: Vec<u8>,
) -> Result<Result<Course, Problem>, ApiError> {
    let own = model.clone();
    let read = pool
        .run(move || tokens.read(&own, &document, false))
        .await?;
    match read {
        Ok(history) => Ok(Ok(pages::course(model, history).await?)),
        Err(error) => Ok(Err(Problem::from(error))),
    }
}

fn row(change: SegmentChange) -> ChangeRow {
    let named = |segment: Option<String>| segment.unwrap_or_else(|| "none".to_owned());
    ChangeRow {
        moment: change.created_at.to_string(),
        from: named(change.from),
        to: named(change.to),
    }
}
