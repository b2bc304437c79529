//! `/v1/customers`: customers whose transactions are kept, so that later ones are added one by one.

mod append;
mod cloud_event;
mod current;
mod erase;
mod events;
mod explain;
mod history;
mod keeper;
mod keyed_lines;
mod lines;
mod list;
mod ndjson;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use schemars::json_schema;

use crate::ApiError;
use crate::operation::{Operation, Parameter};
use microseg_history::Identifier;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        append::operation(),
        ndjson::operation(),
        list::operation(),
        current::operation(),
        current::trajectory_operation(),
        history::operation(),
        events::operation(),
        explain::operation(),
        erase::operation(),
    ]
}

/// The customer's name in the path.
fn id() -> Parameter {
    Parameter::in_path(
        "id",
        "Your name for the customer.",
        |_| json_schema!({"type": "string", "minLength": 1}),
        "c-1029",
    )
}

/// The customer that an address names.
struct CustomerId(Identifier);

impl<S: Send + Sync> FromRequestParts<S> for CustomerId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| ApiError::NotFound)?;
        let id = Identifier::parse(&id).map_err(|_| ApiError::NotFound)?;
        Ok(Self(id))
    }
}
