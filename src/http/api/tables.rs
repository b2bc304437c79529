//! `/v1/models/{name}/surrogate`, `/segments` and `/attractors`: the papers' tables of a model.

use axum::Json;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::App;
use crate::model_selector::NamedModel;
use crate::operation::{Answer, Operation, RequiredScope, Tag, examples, json, parameters};
use microseg_model::{Model, ModelIdentity, design_names};
use microseg_problem::ProblemKind;
use microseg_space::{AttractorsDocument, SegmentsDocument, Spread, SurrogateDocument, TimeScales};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        table::<Surrogate, _, _>("/v1/models/{name}/surrogate", surrogate, examples::surrogate)
            .named("get_surrogate", Tag::Models, "The global surrogate of a model")
            .description(
                "`s_t = A s_{t-1} + B x_t + c` for the states and `p_t = D s_t + e` for the outputs, with its fidelity.",
            ),
        table::<Segments, _, _>("/v1/models/{name}/segments", segments, examples::segments)
            .named("get_segments", Tag::Models, "The micro-segments of a model")
            .description(
                "A hierarchy of clusters over the states in which customers' trajectories end.",
            ),
        table::<Attractors, _, _>("/v1/models/{name}/attractors", attractors, examples::attractors)
            .named("get_attractors", Tag::Models, "The attractors of a model")
            .description("Fixed points of the network's dynamics under a held input."),
    ]
}

fn table<T: JsonSchema, H: Handler<A, App>, A: 'static>(
    path: &'static str,
    handler: H,
    example: fn() -> Value,
) -> Operation {
    Operation::get(path, RequiredScope::AnyKey, handler)
        .parameter(parameters::name())
        .parameter(parameters::version())
        .answer(Answer::new(
            200,
            "Lists are cut short in the example.",
            json::<T>(example),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::NotReady,
        ])
}

/// The global surrogate; its row i of the state is the explanations' `state.{i}`.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SurrogateTable")]
struct Surrogate<'a> {
    /// The model that it is of.
    model: &'a ModelIdentity,
    /// The columns of B: the numbers of a step, such as `share.groceries` or `amount`, and for a category one column for
    /// each of its codes, such as `class=88`.
    inputs: Vec<String>,
    /// The classes whose shares the columns of B are; absent where the model reads anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<&'a [String]>,
    /// The rows of D.
    outputs: &'a [String],
    #[serde(flatten)]
    table: &'a SurrogateDocument,
    /// How long the network remembers, by this surrogate.
    time_scales: TimeScales,
}

/// The micro-segments.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SegmentsTable")]
struct Segments<'a> {
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
struct Attractors<'a> {
    /// The model that it is of.
    model: &'a ModelIdentity,
    /// The order of a held input, by names as in the surrogate.
    inputs: Vec<String>,
    /// The classes whose shares a held input has; absent where the model reads anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<&'a [String]>,
    /// The order of outputs and traits.
    outputs: &'a [String],
    /// The population's last states: distances to an attractor are counted in their deviations.
    final_states: &'a Spread,
    #[serde(flatten)]
    table: &'a AttractorsDocument,
}

/// The names of the network's inputs where each is a number.
fn inputs(model: &Model) -> Vec<String> {
    let manifest = model.manifest();
    design_names(manifest.declaration(), manifest.shape())
}

/// The classes whose shares are all that the network reads.
fn classes_of_shares(model: &Model) -> Option<&[String]> {
    let classes = &model.manifest().classes[..];
    model.reads_shares_alone().then_some(classes)
}

async fn surrogate(NamedModel(model): NamedModel) -> Response {
    let manifest = model.manifest();
    let step = manifest.declaration().step();
    Json(Surrogate {
        model: model.identity(),
        inputs: inputs(&model),
        classes: classes_of_shares(&model),
        outputs: &manifest.outputs,
        table: manifest.space.surrogate().document(),
        time_scales: TimeScales {
            forget_gates: model.validation().and_then(|one| one.forget_gates.clone()),
            ..{ manifest.space.surrogate() }.time_scales(&step.to_string(), &manifest.outputs)
        },
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
        inputs: inputs(&model),
        classes: classes_of_shares(&model),
        outputs: &manifest.outputs,
        final_states: &manifest.space.population().final_states,
        table: manifest.space.attractors().document(),
    })
    .into_response()
}
