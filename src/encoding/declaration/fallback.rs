//! Fallback of a category: the code that stands for a value without one, or the refusal of the history.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// The name of [`Fallback::Refuse`] in documents.
const ERROR: &str = "error";

/// What happens to a value that has no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This code stands for it.
    Code(i64),
    /// The history is refused, with a pointer to the value: `"error"`.
    Refuse,
}

impl Serialize for Fallback {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(code) => serializer.serialize_i64(*code),
            Self::Refuse => serializer.serialize_str(ERROR),
        }
    }
}

impl<'de> Deserialize<'de> for Fallback {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CodeOrError;
        impl Visitor<'_> for CodeOrError {
            type Value = Fallback;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a code, a whole number from 0, or \"error\"")
            }

            fn visit_i64<E: de::Error>(self, code: i64) -> Result<Fallback, E> {
                Ok(Fallback::Code(code))
            }

            fn visit_u64<E: de::Error>(self, code: u64) -> Result<Fallback, E> {
                let code = i64::try_from(code);
                code.map(Fallback::Code)
                    .map_err(|_| E::custom("the code is too large"))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Fallback, E> {
                if text == ERROR {
                    Ok(Fallback::Refuse)
                } else {
                    Err(E::invalid_value(de::Unexpected::Str(text), &self))
                }
            }
        }
        deserializer.deserialize_any(CodeOrError)
    }
}

impl JsonSchema for Fallback {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Fallback".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "integer", "minimum": 0}, {"const": ERROR}]})
    }
}
