//! The whole document: parts that all operations share, and the operations by path.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use super::{describe, headers, problems};
use crate::operation::{Operation, Tag};

/// The purpose of the service, in a line.
const SUMMARY: &str = "Micro-segment features of customers' spending from an LSTM, with explanations that prove their quality";

const DESCRIPTION: &str = "Micro-segment features of customers' spending from an LSTM, and explanations that carry \
    their proof. Amounts are in the caller's currency, and money out is negative; times are RFC 3339; shares are 0 to 1. \
    Every error is a problem (RFC 9457): `type` names its kind, `errors` points into the body. No problem repeats a value \
    of a history.";

/// The document of these operations, as JSON. Where two examples give a value to one property, the first one stands.
pub(crate) fn document(operations: &[Operation]) -> Value {
    let mut schemas = Schemas::new();
    problems::collect(&mut schemas);
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations.iter().filter(|operation| !operation.is_page) {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        let method = operation.method.as_str().to_ascii_lowercase();
        path[method] = describe::operation(operation, &mut schemas);
    }
    let tags: Vec<Value> = Tag::ALL
        .iter()
        .map(|tag| json!({"name": tag.name(), "description": tag.description()}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "microseg",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": SUMMARY,
            "description": DESCRIPTION,
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "headers": headers::components(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key. A server without keys, as on loopback, asks for none.",
                },
                "header": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-api-key",
                    "description": "The same key, where something on the way uses `authorization` for itself.",
                },
            },
        },
    })
}
