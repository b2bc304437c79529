//! Names that callers give to customers and transactions.

use std::fmt;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The longest identifier, in bytes of UTF-8.
const MAX_BYTES: usize = 256;

/// A caller's name for a customer: 1 to 256 bytes of Unicode without control characters.
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

struct Text;

impl Visitor<'_> for Text {
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
        deserializer.deserialize_str(Text)
    }
}

/// An identifier that is checked and then let go: no transaction's name is kept.
pub(super) struct CheckedIdentifier;

impl<'de> Deserialize<'de> for CheckedIdentifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Check;
        impl Visitor<'_> for Check {
            type Value = CheckedIdentifier;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                Text.expecting(formatter)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_unicode_but_control_characters_up_to_the_limit() {
        assert!(Identifier::parse("čeština 客户 🦀").is_ok());
        assert!(Identifier::parse(&"x".repeat(256)).is_ok());
        assert!(Identifier::parse(&"x".repeat(257)).is_err());
        assert!(Identifier::parse("").is_err());
        assert!(Identifier::parse("a\nb").is_err());
    }
}
