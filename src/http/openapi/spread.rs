//! One example for a document becomes an example for each property of its schema.

use serde_json::{Map, Value, json};

/// Gives each property in the example its value there, unless it has an example already; `null` is given by hand only.
pub(super) fn spread(components: &mut Map<String, Value>, schema: &Value, example: &Value) {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let name = component(reference).to_owned();
            // It is taken out while its own parts are looked up, and a recursive one is looked at once.
            if let Some(mut schema) = components.get_mut(&name).map(Value::take) {
                within(components, &mut schema, example);
                components.insert(name, schema);
            }
        }
        None => within(components, &mut schema.clone(), example),
    }
}

/// The name behind a reference.
pub(super) fn component(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

fn within(components: &mut Map<String, Value>, schema: &mut Value, example: &Value) {
    if schema.get("$ref").is_some() {
        return spread(components, schema, example);
    }
    for keyword in ["anyOf", "oneOf"] {
        let branches = schema.get_mut(keyword).and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten() {
            if fits(components, branch, example) {
                within(components, branch, example);
            }
        }
    }
    match example {
        Value::Array(items) => {
            if let Some(schema) = schema.get_mut("items") {
                for item in items {
                    within(components, schema, item);
                }
            }
        }
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = schema.get_mut("properties") {
                for (name, value) in members {
                    if let Some(property) = properties.get_mut(name) {
                        within(components, property, value);
                        show(property, value);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Shows a value that is no document of its own: those have examples inside.
fn show(property: &mut Value, value: &Value) {
    let is_plain = match value {
        Value::Null => false,
        Value::Object(members) => members.values().all(|value| !value.is_object()),
        Value::Array(items) => items.iter().all(|item| !item.is_object()),
        _ => true,
    };
    let has_own = |property: &Map<String, Value>| {
        property.contains_key("examples") || property.contains_key("const")
    };
    if let Value::Object(property) = property
        && is_plain
        && !has_own(property)
    {
        property.insert("examples".to_owned(), json!([value]));
    }
}

/// Whether an example may be of this branch: by its type, its constants and its required members.
fn fits(components: &Map<String, Value>, branch: &Value, example: &Value) -> bool {
    if let Some(reference) = branch.get("$ref").and_then(Value::as_str) {
        let named = components.get(component(reference));
        return named.is_some_and(|branch| fits(components, branch, example));
    }
    let type_ = match example {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let of_type = branch.get("type").is_none_or(|named| named == type_);
    let constant = |(name, property): (&String, &Value)| {
        let constant = property.get("const");
        constant.is_none_or(|constant| example.get(name) == Some(constant))
    };
    let properties = branch.get("properties").and_then(Value::as_object);
    let has = |name: &Value| {
        name.as_str()
            .is_some_and(|name| example.get(name).is_some())
    };
    let required = branch.get("required").and_then(Value::as_array);
    of_type
        && properties.is_none_or(|properties| properties.iter().all(constant))
        && (!example.is_object() || required.is_none_or(|required| required.iter().all(has)))
}
