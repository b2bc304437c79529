//! Id of a recorded explanation, and its address on this server.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::ApiError;

/// Where an explanation is found on this server.
pub(crate) fn address(id: Uuid) -> String {
    format!("/v1/explanations/{id}")
}

/// The explanation of `{id}` in the address.
pub(super) struct ExplanationId(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for ExplanationId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id: Result<Path<Uuid>, PathRejection> = Path::from_request_parts(parts, state).await;
        // What is no UUID is no explanation's id.
        id.map(|Path(id)| Self(id))
            .map_err(|_| ApiError::NoSuchExplanation)
    }
}
