//! Levels of an explanation: what one coefficient stands for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::enum_names::expected_one_of;

/// What one coefficient stands for.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    JsonSchema,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "kebab-case", try_from = "String")]
#[strum(
    serialize_all = "kebab-case",
    parse_err_ty = String,
    parse_err_fn = unknown
)]
pub enum Level {
    /// A spending class, over the whole window.
    #[default]
    Class,
    /// A period, all classes together.
    Period,
    /// A spending class in one period.
    Cell,
    /// A transaction; only where the model's steps are events.
    Event,
    /// A field of all transactions, such as the amount; only where the model's steps are events.
    Field,
}

impl Level {
    /// As requests and documents spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

fn unknown(_: &str) -> String {
    expected_one_of(Level::VARIANTS)
}

impl TryFrom<String> for Level {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_read_as_it_is_written() {
        for name in Level::VARIANTS {
            let level: Level = name.parse().unwrap();
            assert_eq!(serde_json::to_value(level).unwrap(), *name);
        }
    }

    #[test]
    fn unknown_name_is_refused_with_all_names() {
        let refused = "atom".parse::<Level>().unwrap_err();
        assert_eq!(refused, "expected class, period, cell, event or field");
    }
}
