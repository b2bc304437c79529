//! Selection of the model of a request: by name and version, else the latest version of the only or default model.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRef, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::Deserialize;

use crate::ApiError;
use crate::state::Models;
use microseg_model::{Model, RequestedModel, SelectionError};

/// Stands for the highest version.
const LATEST: &str = "latest";

/// The model that a request is for; it stays this one, whatever is exchanged while the request lasts.
pub(super) struct SelectedModel(pub(super) Arc<Model>);

/// The part of the query that selects; other parameters are not looked at.
#[derive(Deserialize)]
struct ModelQuery {
    model: Option<String>,
    version: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for SelectedModel
where
    Models: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = ModelQuery::of(parts).await?;
        let requested = RequestedModel {
            name: query.model,
            version: version(query.version.as_deref())?,
        };
        Models::from_ref(state).select(&requested).map(Self)
    }
}

impl ModelQuery {
    async fn of(parts: &mut Parts) -> Result<Self, ApiError> {
        let query: Result<Query<Self>, QueryRejection> =
            Query::from_request_parts(parts, &()).await;
        query
            .map(|Query(query)| query)
            .map_err(|_| ApiError::Query {
                parameter: "parameters",
                expected: "model and version, each once at the most",
            })
    }
}

/// The version in the query, beside a name that stands elsewhere.
pub(super) struct ModelVersion(pub(super) Option<u32>);

impl<S: Send + Sync> FromRequestParts<S> for ModelVersion {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = ModelQuery::of(parts).await?;
        version(query.version.as_deref()).map(Self)
    }
}

/// The model of `{name}` in the address.
pub(super) struct NamedModel(pub(super) Arc<Model>);

impl<S: Send + Sync> FromRequestParts<S> for NamedModel
where
    Models: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let models = Models::from_ref(state);
        models.registry()?;
        let ModelVersion(version) = ModelVersion::from_request_parts(parts, state).await?;
        let name: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        // A name that is not UTF-8 is no model's name.
        let Path(name) = name.map_err(|_| SelectionError::NoSuchName)?;
        let requested = RequestedModel {
            name: Some(name),
            version,
        };
        models.select(&requested).map(Self)
    }
}

/// Digits alone; Rust would read a sign as well.
pub(super) struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(Self(text))
    }

    /// The version of this number; one that is beyond all numbers is not there.
    pub(super) fn version(&self) -> Result<u32, ApiError> {
        let version = self.0.parse();
        version.map_err(|_| SelectionError::NoSuchVersion.into())
    }
}

fn version(text: Option<&str>) -> Result<Option<u32>, ApiError> {
    match text {
        None | Some(LATEST) => Ok(None),
        Some(number) => match Number::of(number) {
            Some(number) => number.version().map(Some),
            None => Err(ApiError::Query {
                parameter: "version",
                expected: "a whole number, or latest",
            }),
        },
    }
}
