//! `/v1/models`: the models that are served.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ApiError;
use crate::model_selector::NamedModel;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json, parameters};
use crate::state::Models;
use microseg_encoding::{FieldsDocument, InputsDocument, PeriodKind, SequenceDocument};
use microseg_history::Class;
use microseg_model::{Model, ModelIdentity, Validation};
use microseg_problem::ProblemKind;
use microseg_space::Population;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/v1/models", RequiredScope::AnyKey, list)
            .named(
                "list_models",
                Tag::Models,
                "List the models that are served",
            )
            .answer(Answer::new(
                200,
                "All models and versions.",
                json::<List>(examples::models),
            ))
            .problems(&[ProblemKind::NotReady]),
        Operation::get("/v1/models/{name}", RequiredScope::AnyKey, one)
            .named("get_model", Tag::Models, "What a model takes and gives")
            .description(
                "Its classes in the order of the network's input, the population behind its tables, where it comes from.",
            )
            .parameter(parameters::name())
            .parameter(parameters::version())
            .answer(Answer::new(
                200,
                "Lists are cut short in the example.",
                json::<Detail>(examples::model),
            ))
            .problems(&[
                ProblemKind::NotFound,
                ProblemKind::InvalidContent,
                ProblemKind::NotReady,
            ]),
    ]
}

/// What a model takes and gives.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelSummary")]
struct Summary<'a> {
    #[serde(flatten)]
    identity: &'a ModelIdentity,
    /// How long one step is.
    period: PeriodKind,
    /// How many steps the model looks back; absent where that is a span of time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<usize>,
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
struct List<'a> {
    /// By name and version.
    models: Vec<Listed<'a>>,
}

/// One model among all.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ListedModel")]
struct Listed<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// Whether it answers requests with its name and no version.
    latest: bool,
    /// Whether it answers requests that name no model.
    default: bool,
}

/// One model.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ModelDetail")]
struct Detail<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// Always: only what is loaded is here. KServe's clients ask for it.
    ready: bool,
    /// What a step is, and how many of them the network reads.
    sequence: &'a SequenceDocument,
    /// The members of transactions that it reads beyond those that every transaction has.
    fields: &'a FieldsDocument,
    /// The numbers and categories of a step.
    inputs: &'a InputsDocument,
    /// Whether histories that came with the network became the inputs that they must become.
    encoding_verified: bool,
    /// The classes of the taxonomy, in their order.
    classes: Vec<ClassDetail<'a>>,
    /// The names of the classes that are money coming in.
    income_classes: Vec<&'a str>,
    /// The customers that the tables come from: how many, and how their numbers spread.
    population: &'a Population,
    /// How explanations of this model fare, by type of customer; `null` where that was not validated.
    validation: Option<&'a Validation>,
    /// Where the tables are.
    links: Links,
    /// Where the bundle comes from.
    provenance: &'a Map<String, Value>,
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

async fn list(State(models): State<Models>) -> Result<Response, ApiError> {
    let served = models.registry()?.served();
    let listed = |model| {
        let summary = Summary::of(model);
        let name = &summary.identity.name;
        let latest = served.latest(name);
        let latest = latest.is_some_and(|latest| latest.to_string() == summary.identity.version);
        Listed {
            latest,
            default: latest && served.default_name() == Some(name),
            summary,
        }
    };
    let models = served.models().map(|model| listed(model)).collect();
    Ok(Json(List { models }).into_response())
}

async fn one(NamedModel(model): NamedModel) -> Response {
    let taxonomy = model.encoder().taxonomy();
    let manifest = model.manifest();
    let declaration = manifest.declaration();
    let income = taxonomy.income_classes().iter();
    let detail = Detail {
        summary: Summary::of(&model),
        ready: true,
        sequence: declaration.sequence_document(),
        fields: declaration.fields_document(),
        inputs: declaration.inputs_document(),
        encoding_verified: model.encoding_is_verified(),
        classes: taxonomy.classes().iter().map(ClassDetail::of).collect(),
        income_classes: income.map(|class| class.id.as_str()).collect(),
        population: manifest.space.population(),
        validation: model.validation(),
        links: Links::of(&model),
        provenance: &manifest.provenance,
    };
    Json(detail).into_response()
}

impl<'a> Summary<'a> {
    fn of(model: &'a Model) -> Self {
        let manifest = model.manifest();
        Self {
            identity: model.identity(),
            period: manifest.period(),
            window: manifest.most_steps(),
            hidden_size: manifest.hidden_size(),
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
