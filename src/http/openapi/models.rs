//! Models and their tables.

use schemars::JsonSchema;
use serde_json::Value;

use super::operation::Operation;
use super::schemas::Schemas;
use super::{examples, parameters};
use crate::models::{Detail, List};
use crate::tables::{Attractors, Segments, Surrogate};
use microseg_problem::ProblemKind;

const TAG: &str = "models";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let list = Operation::new(
        ("GET", "/v1/models"),
        "list_models",
        TAG,
        "List the models that are served",
    )
    .answers_json(
        200,
        "All models and versions.",
        schemas.answer::<List>(examples::models()),
    )
    .fails(&[ProblemKind::NotReady]);
    vec![
        list,
        of_model::<Detail>(
            schemas,
            "/v1/models/{name}",
            "get_model",
            "What a model takes and gives",
            examples::model(),
        )
        .says("Its classes in the order of the network's input, the population behind its tables, where it comes from."),
        of_model::<Surrogate>(
            schemas,
            "/v1/models/{name}/surrogate",
            "get_surrogate",
            "The global surrogate of a model",
            examples::surrogate(),
        )
        .says("`s_t = A s_{t-1} + B x_t + c` for the states and `p_t = D s_t + e` for the outputs, with its fidelity."),
        of_model::<Segments>(
            schemas,
            "/v1/models/{name}/segments",
            "get_segments",
            "The micro-segments of a model",
            examples::segments(),
        )
        .says("A hierarchy of clusters over the states in which customers' journeys end."),
        of_model::<Attractors>(
            schemas,
            "/v1/models/{name}/attractors",
            "get_attractors",
            "The attractors of a model",
            examples::attractors(),
        )
        .says("Fixed points of the network's dynamics under a held input."),
    ]
}

fn of_model<T: JsonSchema>(
    schemas: &mut Schemas,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    example: Value,
) -> Operation {
    Operation::new(("GET", path), id, TAG, summary)
        .takes(parameters::name())
        .takes(parameters::version())
        .answers_json(
            200,
            "Lists are cut short in the example.",
            schemas.answer::<T>(example),
        )
        .fails(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::NotReady,
        ])
}
