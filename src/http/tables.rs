//! `/v1/models/{name}/surrogate`, `/segments` and `/attractors`: the papers' tables of a model, with what reads them.

use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;

use super::App;
use super::models::NamedModel;
use microseg_model::ModelIdentity;
use microseg_space::{AttractorsDocument, SegmentsDocument, Spread, SurrogateDocument};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/models/{name}/surrogate", get(surrogate))
        .route("/v1/models/{name}/segments", get(segments))
        .route("/v1/models/{name}/attractors", get(attractors))
}

/// The global surrogate; its row i of the state is the explanations' `state.{i}`.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SurrogateTable")]
pub(super) struct Surrogate<'a> {
    /// The model that it is of.
    model: &'a ModelIdentity,
    /// The columns of B.
    classes: &'a [String],
    /// The rows of D.
    outputs: &'a [String],
    #[serde(flatten)]
    table: &'a SurrogateDocument,
}

/// The micro-segments.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SegmentsTable")]
pub(super) struct Segments<'a> {
    /// The model that it is of.
    model: &'a ModelIdentity,
    /// The order of a segment's traits.
    outputs: &'a [String],
    /// The population's last states: distances to a center are counted in their deviations.
    final_states: &'a Spread,
    #[serde(flatten)]
    table: &'a SegmentsDocument,
}

/// The fixed points of the network's dynamics.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "AttractorsTable")]
pub(super) struct Attractors<'a> {
    /// The model that it is of.
    model: &'a ModelIdentity,
    /// The order of a held input.
    classes: &'a [String],
    /// The order of outputs and traits.
    outputs: &'a [String],
    /// The population's last states: distances to an attractor are counted in their deviations.
    final_states: &'a Spread,
    #[serde(flatten)]
    table: &'a AttractorsDocument,
}

async fn surrogate(NamedModel(model): NamedModel) -> Response {
    let manifest = model.manifest();
    Json(Surrogate {
        model: model.identity(),
        classes: &manifest.classes,
        outputs: &manifest.outputs,
        table: manifest.space.surrogate().document(),
    })
    .into_response()
}

async fn segments(NamedModel(model): NamedModel) -> Response {
    let manifest = model.manifest();
    Json(Segments {
        model: model.identity(),
        outputs: &manifest.outputs,
        final_states: &manifest.space.population().final_states,
        table: manifest.space.segments().document(),
    })
    .into_response()
}

async fn attractors(NamedModel(model): NamedModel) -> Response {
    let manifest = model.manifest();
    Json(Attractors {
        model: model.identity(),
        classes: &manifest.classes,
        outputs: &manifest.outputs,
        final_states: &manifest.space.population().final_states,
        table: manifest.space.attractors().document(),
    })
    .into_response()
}
