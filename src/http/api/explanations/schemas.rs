//! Schemas of explanations as requests and answers have them: the types behind them are read and written in parts.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use microseg_explain::{Explanation, Options};
use microseg_history::HistorySchema;

/// A history, and what is asked about it.
#[derive(JsonSchema)]
#[schemars(rename = "ExplanationRequest")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ExplanationRequest {
    #[schemars(flatten)]
    history: HistorySchema,
    /// What is asked; absent, all defaults.
    explain: Option<RequestedOptions>,
}

/// An explanation as it was recorded: its last three members chain it to the record before it.
#[derive(JsonSchema, Serialize)]
pub(crate) struct RecordedExplanation {
    #[serde(flatten)]
    explanation: Explanation,
    /// The `record_sha256` of the record before it; zeros for the first.
    previous_sha256: String,
    /// SHA-256 of the document without these three members, in lower-case hex.
    document_sha256: String,
    /// SHA-256 of the two above, each with a line feed behind it, in lower-case hex.
    record_sha256: String,
}

/// [`Options`] as a request may have them: a member that is `null` is as if it were absent.
pub(crate) struct RequestedOptions;

impl JsonSchema for RequestedOptions {
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
