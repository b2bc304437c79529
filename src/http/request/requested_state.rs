//! Requested state: whether an answer is to have a token, and the tokens of the caller's tenant.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use schemars::json_schema;
use serde::Deserialize;

use super::parse_query;
use crate::ApiError;
use crate::operation::Parameter;
use crate::state::{EveryTenant, OfCaller, StateTokens};

/// The tokens of the caller's tenant, and whether the answer is to have one.
#[derive(Debug, Clone)]
pub(crate) struct RequestedState {
    pub(crate) tokens: StateTokens,
    /// Whether the state is to be kept.
    pub(crate) keep: bool,
}

/// The part of the query that asks; other parameters are not looked at.
#[derive(Deserialize)]
struct StateQuery {
    state_token: Option<String>,
}

impl<S> FromRequestParts<S> for RequestedState
where
    S: Send + Sync,
    EveryTenant<StateTokens>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        const REFUSED: ApiError = ApiError::Query {
            parameter: "state_token",
            expected: "true or false, once",
        };
        let query: StateQuery = parse_query(&parts.uri).ok_or(REFUSED)?;
        let keep = match query.state_token.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(REFUSED),
        };
        let OfCaller(tokens) = OfCaller::from_request_parts(parts, state).await?;
        Ok(Self { tokens, keep })
    }
}

/// Parameter `state_token`.
pub(crate) fn state_token_parameter() -> Parameter {
    Parameter::in_query(
        "state_token",
        "`true` to get the customer's state with the scoring: a token to send with the transactions that come later.",
        |_| json_schema!({"type": "string", "enum": ["true", "false"], "default": "false"}),
        "true",
    )
}
