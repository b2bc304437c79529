//! Parameters that several operations take.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::parameter::Parameter;

/// The form of model names.
fn model_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[a-z0-9-]{1,64}$"})
}

/// The model's name in the path.
pub(crate) fn name() -> Parameter {
    Parameter::in_path(
        "name",
        "The model's name, as `GET /v1/models` lists it.",
        model_name,
        "spending-personality",
    )
}

/// The model's name in the query.
pub(crate) fn model() -> Parameter {
    Parameter::in_query(
        "model",
        "The model to ask. Without it the only one answers, or the one that the server takes by default.",
        model_name,
        "spending-personality",
    )
}

/// The model's version in the query.
pub(crate) fn version() -> Parameter {
    Parameter::in_query(
        "version",
        "The version of the model: a whole number, or `latest`, the highest.",
        |_| json_schema!({"type": "string", "pattern": "^(latest|[0-9]+)$", "default": "latest"}),
        "latest",
    )
}

/// A customer's name in the query.
pub(crate) fn customer_id() -> Parameter {
    Parameter::in_query(
        "customer_id",
        "Your name for the customer.",
        |_| {
            json_schema!({
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "pattern": r"^[^\u0000-\u001f\u007f-\u009f\ufffd]+$",
            })
        },
        "c-1029",
    )
}

/// An id of this server, in the path.
pub(crate) fn id(description: &'static str) -> Parameter {
    Parameter::in_path(
        "id",
        description,
        |_| json_schema!({"type": "string", "format": "uuid"}),
        "01a22591-bb4f-7100-ae60-39ad60b4a85c",
    )
}
