//! Headers of answers: described once among the components, and referred to from every answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::operation::Header;

/// References to the headers of every answer, and to these, by their names in HTTP.
pub(super) fn references(beyond: &[Header]) -> BTreeMap<&'static str, Value> {
    let of_every_answer = [Header::RequestId, Header::ServerTiming];
    let reference = |header: &Header| {
        let reference = format!("#/components/headers/{}", header.component());
        (header.name(), json!({"$ref": reference}))
    };
    of_every_answer
        .iter()
        .chain(beyond)
        .map(reference)
        .collect()
}

/// All headers by the names of their components.
pub(super) fn components() -> Map<String, Value> {
    let header = |header: Header| {
        let example = header.example();
        let type_ = if example.is_u64() {
            "integer"
        } else {
            "string"
        };
        let described = json!({
            "description": header.description(),
            "schema": {"type": type_},
            "example": example,
        });
        (header.component().to_owned(), described)
    };
    Header::ALL.into_iter().map(header).collect()
}
