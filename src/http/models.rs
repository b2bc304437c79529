//! `/v1/models`: what is loaded.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::{ApiError, App};
use crate::history::{Class, PeriodKind};
use crate::model::{Model, ModelIdentity};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/models", get(list))
        .route("/v1/models/{name}", get(one))
}

/// What a model takes and gives.
#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    identity: ModelIdentity,
    /// How long one step is.
    period: PeriodKind,
    /// How many periods the model looks back.
    window: usize,
    /// The dimensions of the state.
    hidden_size: usize,
    /// The names of the network's outputs.
    outputs: Vec<String>,
    /// How many classes a profile has.
    class_count: usize,
}

#[derive(Serialize)]
struct List {
    models: Vec<Summary>,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    summary: Summary,
    /// The classes in the order of the network's input.
    classes: Vec<ClassDetail>,
    /// The names of the classes that are money coming in.
    income_classes: Vec<String>,
    /// Where the bundle comes from.
    provenance: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct ClassDetail {
    id: String,
    title: String,
    group: String,
}

async fn list(State(app): State<App>) -> Result<Json<List>, ApiError> {
    Ok(Json(List {
        models: vec![summary(&*app.model()?)],
    }))
}

async fn one(
    State(app): State<App>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Detail>, ApiError> {
    let model = app.model()?;
    // A name that is not even text is no model's name.
    if !name.is_ok_and(|Path(name)| name == model.identity().name) {
        return Err(ApiError::NoSuchModel);
    }
    let taxonomy = model.encoder().taxonomy();
    Ok(Json(Detail {
        summary: summary(&model),
        classes: taxonomy.classes().iter().map(class_detail).collect(),
        income_classes: taxonomy
            .income_classes()
            .iter()
            .map(|class| class.id.clone())
            .collect(),
        provenance: model.manifest().provenance.clone(),
    }))
}

fn summary(model: &Model) -> Summary {
    let manifest = model.manifest();
    Summary {
        identity: model.identity().clone(),
        period: manifest.period,
        window: manifest.window,
        hidden_size: manifest.hidden_size,
        outputs: manifest.outputs.clone(),
        class_count: manifest.classes.len(),
    }
}

fn class_detail(class: &Class) -> ClassDetail {
    ClassDetail {
        id: class.id.clone(),
        title: class.title.clone(),
        group: class.group.clone(),
    }
}
