//! Schemas of all requests and answers, each under its own name.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::spread::spread;
use crate::operation::SchemaOf;

/// Where components stand in the document.
const PLACE: &str = "/components/schemas";

/// Collects schemas while operations are described.
pub(super) struct Schemas {
    /// Of requests: a member with a default may be absent.
    requests: SchemaGenerator,
    /// Of answers: a member that is always written is required.
    answers: SchemaGenerator,
    /// Examples: each document gives its members' values to their schemas.
    shown: Vec<(Value, Value)>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = PLACE.into();
                settings.meta_schema = None;
            })
        };
        Self {
            requests: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            shown: Vec::new(),
        }
    }

    /// One document; its schema is that of reading it, or of writing it.
    pub(super) fn document(&mut self, schema: SchemaOf, example: Value, is_answer: bool) -> Value {
        let schema = Value::from(schema(self.generator(is_answer)));
        let content = json!({"schema": schema, "example": example});
        self.shown.push((schema, example));
        content
    }

    /// A document a line, of which only the text can be described; each example is one line.
    pub(super) fn lines(&mut self, schema: SchemaOf, examples: &[Value], is_answer: bool) -> Value {
        let schema = Value::from(schema(self.generator(is_answer)));
        for line in examples {
            self.shown.push((schema.clone(), line.clone()));
        }
        json!({
            "schema": {"description": "A JSON document a line."},
            "x-line": schema,
            "x-lines": examples,
        })
    }

    /// The schema of a parameter.
    pub(super) fn parameter(&mut self, schema: SchemaOf) -> Value {
        schema(&mut self.requests).into()
    }

    fn generator(&mut self, is_answer: bool) -> &mut SchemaGenerator {
        if is_answer {
            &mut self.answers
        } else {
            &mut self.requests
        }
    }

    /// All of them by name, with examples in their properties.
    pub(super) fn into_components(mut self) -> Map<String, Value> {
        let mut components = self.answers.take_definitions(true);
        for (name, schema) in self.requests.take_definitions(true) {
            components.entry(name).or_insert(schema);
        }
        for schema in components.values_mut() {
            tidy(schema);
        }
        for (schema, example) in &self.shown {
            spread(&mut components, schema, example);
        }
        components
    }
}

/// A derived schema without what only a reader of Rust needs.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            // The width of a whole number in Rust is in no registry of formats.
            let is_width = |format: &Value| format.as_str().is_some_and(|f| f.starts_with("uint"));
            if members.get("format").is_some_and(is_width) {
                members.remove("format");
            }
            if let Some(Value::String(description)) = members.get_mut("description") {
                *description = in_one_line(description);
            }
            enumerate(members);
            members.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// A comment's lines end where the source is wide enough; a paragraph ends with an empty one.
fn in_one_line(description: &str) -> String {
    let paragraphs = description.split("\n\n");
    let joined: Vec<String> = paragraphs.map(|text| text.replace('\n', " ")).collect();
    joined.join("\n\n")
}

/// Constants with a description each become one enumeration that has them all in its description.
fn enumerate(members: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = members.get("oneOf") else {
        return;
    };
    let constant = |branch: &Value| branch["const"].as_str().map(str::to_owned);
    let Some(constants) = branches
        .iter()
        .map(constant)
        .collect::<Option<Vec<String>>>()
    else {
        return;
    };
    let described = branches.iter().zip(&constants).map(|(branch, constant)| {
        let about = branch["description"].as_str().unwrap_or_default();
        format!("`{constant}`: {about}")
    });
    let described: Vec<String> = described.collect();
    let about = members.get("description").and_then(Value::as_str);
    let about = about.unwrap_or_default();
    let about = format!("{about} {}", described.join(" "));
    members.remove("oneOf");
    members.insert("type".to_owned(), "string".into());
    members.insert("enum".to_owned(), constants.into());
    members.insert("description".to_owned(), about.trim().into());
}
