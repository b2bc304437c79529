//! Tests of the document: that it is committed, complete and consistent.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{document, openapi_document, operations};
use crate::operation::{RequiredScope, RouteTable, examples};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");

#[test]
fn committed_openapi_document_is_that_of_the_operations() {
    if std::env::var_os("WRITE_DOCUMENTS").is_some() {
        std::fs::write(DOCUMENT, openapi_document()).unwrap();
        return;
    }
    let written = std::fs::read_to_string(DOCUMENT).unwrap();
    let place = written
        .lines()
        .zip(openapi_document().lines())
        .position(|(written, is)| written != is);
    assert!(
        written == openapi_document(),
        "openapi/openapi.json differs from the operations, first at line {:?}; write it anew with:\n\
         WRITE_DOCUMENTS=1 cargo test --locked --lib openapi_document",
        place.map(|line| line + 1)
    );
}

#[test]
fn each_operation_has_a_route_table_entry_with_its_scope() {
    let operations = operations();
    let table = RouteTable::new(&operations);
    for operation in &operations {
        let required = table.required_scope(&operation.method, Some(operation.route()));
        // The scope of a verb is checked behind the table.
        let expected = match operation.verb() {
            Some(_) => RequiredScope::AnyKey,
            None => operation.scope,
        };
        assert_eq!(
            required, expected,
            "{} {}",
            operation.method, operation.path
        );
    }
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
fn each_property_has_a_description_and_an_example() {
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
                // The tag of a variant has a constant.
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
fn each_reference_resolves_and_each_operation_has_an_id_and_a_summary() {
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
fn recorded_examples_are_json() {
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
