//! Outputs of a network by name: a JSON object whose members are in the order of the network's outputs.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// A number for each output name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedOutputs {
    names: Arc<[String]>,
    values: Vec<f32>,
}

impl NamedOutputs {
    /// As many values as names.
    #[must_use]
    pub fn new(names: Arc<[String]>, values: Vec<f32>) -> Self {
        Self { names, values }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f32)> {
        self.names
            .iter()
            .map(String::as_str)
            .zip(self.values.iter().copied())
    }
}

impl Serialize for NamedOutputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl JsonSchema for NamedOutputs {
    fn schema_name() -> Cow<'static, str> {
        "Outputs".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The network's outputs by name, in the model's order; for the reference model degrees of \
                membership in five traits, 0 to 1.",
            "type": "object",
            "additionalProperties": {"type": "number"},
        })
    }
}
