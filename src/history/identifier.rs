//! Identifiers that callers give to customers and transactions.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::cell::Cell;
use super::missing::is_missing;
use super::whole_number::digits_of_cell;

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

    /// Reads a cell of a table: a text, or the digits of a whole number. A text such as `NULL` is none.
    ///
    /// # Errors
    /// With the sentence to answer when the cell is of another kind, or its text no identifier.
    pub fn from_cell(cell: Cell<'_>) -> Result<Option<Self>, &'static str> {
        match cell {
            Cell::Text(text) if is_missing(text.trim()) => Ok(None),
            Cell::Text(text) => Self::parse(text).map(Some),
            Cell::Number(number) if number.is_nan() => Ok(None),
            cell => digits_of_cell(cell)
                .map(|digits| Some(Self(digits)))
                .ok_or("expected an identifier: text, or a whole number"),
        }
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

    #[test]
    fn cell_is_a_text_or_the_digits_of_a_whole_number() {
        let read = |cell| {
            let id = Identifier::from_cell(cell)?;
            Ok::<_, &'static str>(id.map(|id| id.as_str().to_owned()))
        };
        assert_eq!(read(Cell::Text(" t-1")), Ok(Some(" t-1".to_owned())));
        assert_eq!(read(Cell::Integer(17)), Ok(Some("17".to_owned())));
        assert_eq!(read(Cell::Number(17.0)), Ok(Some("17".to_owned())));
        for none in [Cell::Text(" "), Cell::Text("NULL"), Cell::Number(f64::NAN)] {
            assert_eq!(read(none), Ok(None));
        }
        for wrong in [Cell::Text("a\nb"), Cell::Number(1.5), Cell::Instant(1)] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
