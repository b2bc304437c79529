//! The schemas of everything that comes in and goes out, each under its own name.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::spread::spread;
use microseg_explain::Options;
use microseg_history::Moment;

/// Where components stand in the document.
const PLACE: &str = "/components/schemas";

/// Collects schemas while operations are described.
pub(super) struct Schemas {
    /// Of what comes in: a member with a default may be absent.
    requests: SchemaGenerator,
    /// Of what goes out: a member that is always written is required.
    answers: SchemaGenerator,
    /// What to show of them: each document gives its members' values to their schemas.
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

    /// The content of a request that is read as a `T`.
    pub(super) fn request<T: JsonSchema>(&mut self, example: Value) -> Value {
        let schema = self.requests.subschema_for::<T>();
        self.content(schema, example)
    }

    /// The content of an answer that is written from a `T`.
    pub(super) fn answer<T: JsonSchema>(&mut self, example: Value) -> Value {
        let schema = self.answers.subschema_for::<T>();
        self.content(schema, example)
    }

    /// Lines of some documents, of which only the text can be described; `example` shows each.
    pub(super) fn lines<T: JsonSchema>(&mut self, is_answer: bool, example: &[Value]) -> Value {
        let generator = if is_answer {
            &mut self.answers
        } else {
            &mut self.requests
        };
        let schema = Value::from(generator.subschema_for::<T>());
        for line in example {
            self.shown.push((schema.clone(), line.clone()));
        }
        json!({
            "schema": {"description": "A JSON document a line."},
            "x-line": schema,
            "x-lines": example,
        })
    }

    /// A moment, for a parameter.
    pub(super) fn moment(&mut self) -> Value {
        self.requests.subschema_for::<Moment>().into()
    }

    fn content(&mut self, schema: Schema, example: Value) -> Value {
        let schema = Value::from(schema);
        let content = json!({"schema": schema, "example": example});
        self.shown.push((schema, example));
        content
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

/// What is derived, as a reader who knows no Rust wants it.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            // How wide a whole number is in Rust is in no registry of formats.
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

/// [`Options`] as a request may have them: a member that is `null` is as if it were absent.
pub(super) struct AskedOptions;

impl JsonSchema for AskedOptions {
    fn schema_name() -> Cow<'static, str> {
        "ExplanationOptions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Options::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.values_mut().for_each(or_null);
        }
        schema
    }
}

fn or_null(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    match members.get("type") {
        Some(Value::String(name)) => {
            let types = json!([name, "null"]);
            members.insert("type".to_owned(), types);
        }
        Some(_) => {}
        None => {
            if let Some(reference) = members.remove("$ref") {
                members.insert(
                    "anyOf".to_owned(),
                    json!([{"$ref": reference}, {"type": "null"}]),
                );
            }
        }
    }
}
