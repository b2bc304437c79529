//! Model in the path of an address of the Open Inference Protocol.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, FromRequestParts, Path};
use axum::handler::Handler;
use axum::http::request::Parts;
use schemars::json_schema;
use serde::Deserialize;

use crate::model_selector::Number;
use crate::operation::{Operation, Parameter, RequiredScope, parameters};
use crate::state::Models;
use crate::{ApiError, App};
use microseg_model::{Model, RequestedModel, SelectionError};
use microseg_problem::ProblemKind;

/// The model that the address names, in the version that it names, or else the latest.
pub(super) struct ServedModel(pub(super) Arc<Model>);

#[derive(Deserialize)]
struct ModelPath {
    name: String,
    version: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for ServedModel
where
    Models: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let models = Models::from_ref(state);
        models.registry()?;
        let path: Result<Path<ModelPath>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(ModelPath { name, version }) = path.map_err(|_| SelectionError::NoSuchName)?;
        let version = version.map(|text| match Number::of(&text) {
            Some(number) => number.version(),
            None => Err(SelectionError::NoSuchVersion.into()),
        });
        let requested = RequestedModel {
            name: Some(name),
            version: version.transpose()?,
        };
        models.select(&requested).map(Self)
    }
}

/// Declaration of an operation that reads about a model.
pub(super) fn of_model<H: Handler<T, App>, T: 'static>(
    path: &'static str,
    handler: H,
) -> Operation {
    Operation::get(path, RequiredScope::AnyKey, handler)
        .parameter(parameters::name())
        .problems(&[ProblemKind::NotFound, ProblemKind::NotReady])
}

/// The version of the model.
pub(super) fn version_in_path() -> Parameter {
    Parameter::in_path(
        "version",
        "The version, a whole number.",
        |_| json_schema!({"type": "string", "pattern": "^[0-9]{1,9}$"}),
        "1",
    )
}
