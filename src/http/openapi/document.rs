//! The whole document: what all operations share, and the operations by path.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::schemas::Schemas;
use super::{explanations, models, probes, problems, protocols, scorings};

/// Groups of operations, in the order in which a newcomer needs them: name and description.
pub(super) const TAGS: [(&str, &str); 6] = [
    (
        "scoring",
        "Where a history leads: micro-segment features, traits, the way there.",
    ),
    (
        "explanations",
        "What drove a number, how far to trust that, and the record of it.",
    ),
    ("models", "What is served, and the papers' tables of it."),
    ("kserve", "KServe's V1 protocol: histories as instances."),
    (
        "inference",
        "The Open Inference Protocol (V2): profiles as a tensor.",
    ),
    (
        "operations",
        "Probes, metrics, administration, and this document.",
    ),
];

/// What the service is for, in a line.
const SUMMARY: &str = "Micro-segment features of customers' spending from an LSTM, with explanations that prove their quality";

const DESCRIPTION: &str = "Micro-segment features of customers' spending from an LSTM, and explanations that carry \
    their proof. Amounts are in the caller's currency, and money out is negative; times are RFC 3339; shares are 0 to 1. \
    Every error is a problem (RFC 9457): `type` names its kind, `errors` points into the body. No problem repeats a value \
    of a history.";

/// The document, as JSON.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    problems::collect(&mut schemas);
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations(&mut schemas) {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        let method = operation.method.to_ascii_lowercase();
        path[method] = operation.into_json();
    }
    let tags: Vec<Value> = TAGS
        .iter()
        .map(|(name, description)| json!({"name": name, "description": description}))
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
            "headers": headers(),
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

/// Every operation of the interface.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    [
        scorings::operations(schemas),
        explanations::operations(schemas),
        models::operations(schemas),
        protocols::operations(schemas),
        probes::operations(schemas),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn headers() -> Value {
    let header = |description: &str, example: Value| {
        let type_ = if example.is_u64() {
            "integer"
        } else {
            "string"
        };
        json!({"description": description, "schema": {"type": type_}, "example": example})
    };
    json!({
        "RequestId": header(
            "The name of this request in the server's log; your own, if you sent one of 1 to 128 letters, digits and `-_.:`.",
            json!("01a22591-bb4e-7501-b9a0-7d0031d40daa"),
        ),
        "ServerTiming": header(
            "What the answer took, by stage, in milliseconds.",
            json!("parse;dur=0.064, network;dur=1.483, total;dur=2.524"),
        ),
        "RetryAfter": header("When to come back, in seconds.", json!(1)),
        "WwwAuthenticate": header("How a key is to be sent (RFC 6750).", json!("Bearer")),
        "ExplanationLocation": header(
            "Where the explanation is.",
            json!("/v1/explanations/01a22591-bb4f-7100-ae60-39ad60b4a85c"),
        ),
        "JobLocation": header("Where the job is.", json!("/v1/jobs/01a22591-bb4f-7100-ae60-39ad60b4a85c")),
        "EntityTag": header("What `if-none-match` may name.", json!("\"0a1b\"")),
        "PreferenceApplied": header("The preference that was met (RFC 7240).", json!("respond-async")),
    })
}
