//! What the document promises of itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::operations;
use super::schemas::Schemas;
use super::{document, examples, text};
use crate::needs::addresses;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");

#[test]
fn the_committed_openapi_document_is_true() {
    if std::env::var_os("WRITE_DOCUMENTS").is_some() {
        std::fs::write(DOCUMENT, text()).unwrap();
        return;
    }
    let written = std::fs::read_to_string(DOCUMENT).unwrap();
    let place = written
        .lines()
        .zip(text().lines())
        .position(|(written, is)| written != is);
    assert!(
        written == text(),
        "openapi/openapi.json is not true any more, first at line {:?}; write it anew with:\n\
         WRITE_DOCUMENTS=1 cargo test --locked --lib openapi_document",
        place.map(|line| line + 1)
    );
}

#[test]
fn every_routed_address_is_in_the_document_and_nothing_else_is() {
    let described: BTreeSet<(String, String)> = operations(&mut Schemas::new())
        .into_iter()
        .map(|operation| {
            // axum knows a verb behind the name as a part of it.
            let path = operation.path.split("}:").next().unwrap();
            let is_verb = path != operation.path;
            let path = if is_verb {
                format!("{path}}}")
            } else {
                path.to_owned()
            };
            (operation.method.to_owned(), path)
        })
        .collect();
    let routed: BTreeSet<(String, String)> = addresses()
        .map(|(method, route)| (method.to_owned(), route.to_owned()))
        .collect();
    assert_eq!(described, routed);
}

/// Calls `found` with each schema of the document and its place.
fn for_each_schema(place: &str, value: &Value, found: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                // Examples may look like anything.
                if !matches!(name.as_str(), "example" | "examples" | "default" | "const") {
                    let place = format!("{place}/{name}");
                    for_each_schema(&place, value, found);
                }
            }
            found(place, value);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                for_each_schema(&format!("{place}/{index}"), item, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_property_has_a_description_and_an_example() {
    let document = document();
    let described = |schema: &Value| {
        schema["description"]
            .as_str()
            .is_some_and(|d| !d.is_empty())
    };
    let mut lacking = Vec::new();
    for_each_schema(
        "",
        &document["components"]["schemas"],
        &mut |place, schema| {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                // What tells events apart says it itself.
                let is_tag = property.get("const").is_some();
                if !described(property) && !is_tag {
                    lacking.push(format!("{place}/{name}: no description"));
                }
                if !has_example(&document, property, &mut Vec::new()) {
                    lacking.push(format!("{place}/{name}: no example"));
                }
            }
        },
    );
    assert!(
        lacking.is_empty(),
        "{}\n{}",
        lacking.len(),
        lacking.join("\n")
    );
}

/// Whether a property has an example, or is made of properties, which must have theirs.
fn has_example(document: &Value, schema: &Value, met: &mut Vec<String>) -> bool {
    if ["examples", "const", "enum"]
        .iter()
        .any(|keyword| schema.get(*keyword).is_some())
    {
        return true;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let is_new = !met.iter().any(|one| one == reference);
        met.push(reference.to_owned());
        let referred = document.pointer(reference.trim_start_matches('#'));
        return !is_new || has_example(document, referred.unwrap(), met);
    }
    let any = |keyword: &str, met: &mut Vec<String>| {
        let branches = schema[keyword].as_array().into_iter().flatten();
        let mut branches = branches.filter(|branch| branch["type"] != "null");
        branches.any(|branch| has_example(document, branch, met))
    };
    schema.get("properties").is_some()
        || any("anyOf", met)
        || any("oneOf", met)
        || schema
            .get("items")
            .is_some_and(|items| has_example(document, items, met))
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_says_what_it_is() {
    let document = document();
    let mut lost = Vec::new();
    let mut ids = BTreeSet::new();
    for_each_schema("", &document, &mut |place, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str)
            && document
                .pointer(reference.trim_start_matches('#'))
                .is_none()
        {
            lost.push(format!("{place}: {reference}"));
        }
        if let Some(id) = value["operationId"].as_str() {
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(
                value["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{id}"
            );
        }
    });
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn what_is_shown_is_json() {
    for shown in [
        examples::score_request(),
        examples::scoring(),
        examples::explain_request(),
        examples::explanation(),
        examples::queued(),
        examples::explanations(),
        examples::agreement(),
        examples::models(),
        examples::model(),
        examples::surrogate(),
        examples::segments(),
        examples::attractors(),
        examples::infer_request(),
        examples::inference(),
        examples::metadata(),
        examples::reloaded(),
        examples::stream(),
    ] {
        assert!(!shown.is_null());
    }
}
