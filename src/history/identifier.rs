//! Identifiers that callers give to customers and transactions.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The longest identifier, in bytes of UTF-8.
const MAX_BYTES: usize = 256;

/// A caller's identifier of a customer: 1 to 256 bytes of Unicode without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Identifier(String);

impl Identifier {
    /// Checks a caller's text.
    ///
    /// # Errors
    /// With the sentence to answer when the text is empty, too long or has a control character.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    /// As [`Identifier::parse`], for a text that is not kept.
    pub(super) fn check(text: &str) -> Result<(), &'static str> {
        if text.is_empty() || text.len() > MAX_BYTES {
            Err("expected an identifier of 1 to 256 bytes")
        } else if text.chars().any(char::is_control) {
            Err("expected an identifier without control characters")
        } else {
            Ok(())
        }
    }

    /// The caller's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

struct IdentifierVisitor;

impl Visitor<'_> for IdentifierVisitor {
    type Value = Identifier;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an identifier as a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Identifier, E> {
        Identifier::parse(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdentifierVisitor)
    }
}

/// An identifier that is checked and not kept, as a transaction's.
#[derive(Debug)]
pub(crate) struct CheckedIdentifier;

impl<'de> Deserialize<'de> for CheckedIdentifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Check;
        impl Visitor<'_> for Check {
            type Value = CheckedIdentifier;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                IdentifierVisitor.expecting(formatter)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CheckedIdentifier, E> {
                Identifier::check(text)
                    .map(|()| CheckedIdentifier)
                    .map_err(E::custom)
            }

            fn visit_unit<E: de::Error>(self) -> Result<CheckedIdentifier, E> {
                Ok(CheckedIdentifier)
            }
        }
        deserializer.deserialize_any(Check)
    }
}

/// An identifier that is checked and kept, as a transaction's where its details are asked for; `None` for `null`.
#[derive(Debug)]
pub(crate) struct KeptIdentifier(pub(crate) Option<Identifier>);

impl<'de> Deserialize<'de> for KeptIdentifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl Visitor<'_> for Keep {
            type Value = KeptIdentifier;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                IdentifierVisitor.expecting(formatter)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<KeptIdentifier, E> {
                let id = IdentifierVisitor.visit_str(text)?;
                Ok(KeptIdentifier(Some(id)))
            }

            fn visit_unit<E: de::Error>(self) -> Result<KeptIdentifier, E> {
                Ok(KeptIdentifier(None))
            }
        }
        deserializer.deserialize_any(Keep)
    }
}

impl JsonSchema for Identifier {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The limit is 256 bytes of UTF-8; what a schema counts are characters.
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
        })
    }
}

impl JsonSchema for CheckedIdentifier {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Identifier::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Identifier::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_without_control_characters_is_accepted_up_to_256_bytes() {
        assert!(Identifier::parse("čeština 客户 🦀").is_ok());
        assert!(Identifier::parse(&"x".repeat(256)).is_ok());
        assert!(Identifier::parse(&"x".repeat(257)).is_err());
        assert!(Identifier::parse("").is_err());
        assert!(Identifier::parse("a\nb").is_err());
    }
}
