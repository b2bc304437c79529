//! `/v1/models`: what is loaded.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;

use super::choice::ModelVersion;
use super::protocols::{VERB_METHODS, act, methods_of};
use super::{ApiError, App};
use microseg_encoding::PeriodKind;
use microseg_history::Class;
use microseg_model::{Model, ModelIdentity, RequestedModel, SelectionError};
use microseg_space::Population;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/models", get(list))
        .route("/v1/models/{name}", get(one).post(act).fallback(no_method))
}

/// For a method that neither a model nor a verb behind its name has.
async fn no_method(path: Result<Path<String>, PathRejection>) -> ApiError {
    let allow = methods_of(path.as_ref().map_or("", |Path(path)| path.as_str()));
    ApiError::OnlyMethods { allow }
}

/// The model that `{name}` in the address stands for.
pub(super) struct NamedModel(pub(super) Arc<Model>);

impl FromRequestParts<App> for NamedModel {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        app.models()?;
        let ModelVersion(version) = ModelVersion::from_request_parts(parts, app).await?;
        let name: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, app).await;
        // A name that is not even text is no model's name.
        let Path(name) = name.map_err(|_| SelectionError::NoSuchName)?;
        let wish = RequestedModel {
            name: Some(name),
            version,
        };
        app.choose(&wish).map(Self)
    }
}

/// What a model takes and gives.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelSummary")]
struct Summary<'a> {
    #[serde(flatten)]
    identity: &'a ModelIdentity,
    /// How long one step is.
    period: PeriodKind,
    /// How many periods the model looks back.
    window: usize,
    /// The dimensions of the state.
    hidden_size: usize,
    /// The names of the network's outputs.
    outputs: &'a [String],
    /// How many classes a profile has.
    class_count: usize,
}

/// All models that are served.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelList")]
pub(super) struct List<'a> {
    /// By name and version.
    models: Vec<Listed<'a>>,
}

/// One model among all.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ListedModel")]
struct Listed<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// Whether it answers those who ask for its name and no version.
    latest: bool,
}

/// One model.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelDetail")]
pub(super) struct Detail<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// Always: only what is loaded is here. KServe's clients ask for it.
    ready: bool,
    /// The classes in the order of the network's input.
    classes: Vec<ClassDetail<'a>>,
    /// The names of the classes that are money coming in.
    income_classes: Vec<&'a str>,
    /// The customers that the tables come from: how many, and how their numbers spread.
    population: &'a Population,
    /// Where the tables are.
    links: Links,
    /// Where the bundle comes from.
    provenance: &'a serde_json::Map<String, serde_json::Value>,
}

/// One class of a model.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelClass")]
struct ClassDetail<'a> {
    /// The name, as transactions give it.
    id: &'a str,
    /// The class as people read it.
    title: &'a str,
    /// Which group of classes it belongs to.
    group: &'a str,
}

/// Addresses on this server.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelLinks")]
struct Links {
    /// The global surrogate.
    surrogate: String,
    /// The micro-segments.
    segments: String,
    /// The attractors.
    attractors: String,
}

async fn list(State(app): State<App>) -> Result<Response, ApiError> {
    let served = app.models()?.served();
    let listed = |model| {
        let summary = Summary::of(model);
        let latest = served.latest(&summary.identity.name);
        Listed {
            latest: latest.is_some_and(|latest| latest.to_string() == summary.identity.version),
            summary,
        }
    };
    let models = served.models().map(|model| listed(model)).collect();
    Ok(Json(List { models }).into_response())
}

async fn one(
    path: Result<Path<String>, PathRejection>,
    model: Result<NamedModel, ApiError>,
) -> Result<Response, ApiError> {
    if path.is_ok_and(|Path(path)| methods_of(&path) == VERB_METHODS) {
        return Err(ApiError::OnlyMethods {
            allow: VERB_METHODS,
        });
    }
    let NamedModel(model) = model?;
    let taxonomy = model.encoder().taxonomy();
    let manifest = model.manifest();
    let income = taxonomy.income_classes().iter();
    let detail = Detail {
        summary: Summary::of(&model),
        ready: true,
        classes: taxonomy.classes().iter().map(ClassDetail::of).collect(),
        income_classes: income.map(|class| class.id.as_str()).collect(),
        population: manifest.space.population(),
        links: Links::of(&model),
        provenance: &manifest.provenance,
    };
    Ok(Json(detail).into_response())
}

impl<'a> Summary<'a> {
    fn of(model: &'a Model) -> Self {
        let manifest = model.manifest();
        Self {
            identity: model.identity(),
            period: manifest.period,
            window: manifest.window,
            hidden_size: manifest.hidden_size,
            outputs: &manifest.outputs,
            class_count: manifest.classes.len(),
        }
    }
}

impl<'a> ClassDetail<'a> {
    fn of(class: &'a Class) -> Self {
        Self {
            id: &class.id,
            title: &class.title,
            group: &class.group,
        }
    }
}

impl Links {
    fn of(model: &Model) -> Self {
        let ModelIdentity { name, version, .. } = model.identity();
        let link = |table| format!("/v1/models/{name}/{table}?version={version}");
        Self {
            surrogate: link("surrogate"),
            segments: link("segments"),
            attractors: link("attractors"),
        }
    }
}
