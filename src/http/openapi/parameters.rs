//! Parameters of paths, queries and heads.

use serde_json::{Value, json};

/// A part of the path.
fn in_path(name: &str, description: &str, schema: &Value, example: &str) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": schema,
        "example": example,
    })
}

/// A parameter of the query that may be absent.
pub(super) fn in_query(name: &str, description: &str, schema: &Value, example: &Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema,
        "example": example,
    })
}

/// What model names look like.
fn model_name() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9-]{1,64}$"})
}

pub(super) fn name() -> Value {
    in_path(
        "name",
        "The model's name, as `GET /v1/models` lists it.",
        &model_name(),
        "spending-personality",
    )
}

pub(super) fn version_in_path() -> Value {
    let version = json!({"type": "string", "pattern": "^[0-9]{1,9}$"});
    in_path("version", "The version, a whole number.", &version, "1")
}

pub(super) fn explanation_id() -> Value {
    let id = json!({"type": "string", "format": "uuid"});
    in_path(
        "id",
        "The explanation's id.",
        &id,
        "01a22591-bb4f-7100-ae60-39ad60b4a85c",
    )
}

pub(super) fn job_id() -> Value {
    let id = json!({"type": "string", "format": "uuid"});
    in_path(
        "id",
        "The job's id.",
        &id,
        "01a22591-bb4f-7100-ae60-39ad60b4a85c",
    )
}

pub(super) fn customer_in_path() -> Value {
    let id = json!({"type": "string", "minLength": 1});
    in_path("id", "Your name for the customer.", &id, "c-1029")
}

pub(super) fn model() -> Value {
    in_query(
        "model",
        "The model to ask. Without it the only one answers, or the one that the server takes by default.",
        &model_name(),
        &json!("spending-personality"),
    )
}

pub(super) fn version() -> Value {
    let version = json!({"type": "string", "pattern": "^(latest|[0-9]+)$", "default": "latest"});
    in_query(
        "version",
        "The version of the model: a whole number, or `latest`, the highest.",
        &version,
        &json!("latest"),
    )
}

/// A customer's name as the query carries it.
pub(super) fn customer_id() -> Value {
    let id = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 256,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f\ufffd]+$",
    });
    in_query(
        "customer_id",
        "Your name for the customer.",
        &id,
        &json!("c-1029"),
    )
}

/// Whether to answer later (RFC 7240).
pub(super) fn prefer() -> Value {
    json!({
        "name": "prefer",
        "in": "header",
        "description": "`respond-async` to get a job at once, which says when the explanation is there (RFC 7240).",
        "schema": {"type": "string"},
        "example": "respond-async",
    })
}

/// What the caller has already.
pub(super) fn if_none_match() -> Value {
    json!({
        "name": "if-none-match",
        "in": "header",
        "description": "The `etag` of what the caller has; if it is still true, the answer is 304.",
        "schema": {"type": "string"},
        "example": "\"0\"",
    })
}
