//! Wishes of a recourse: where a change of spending is to bring the customer.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Where a change of spending is to bring the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenWish", into = "WrittenWish")]
pub enum Wish {
    /// Into any other micro-segment.
    AnyOtherSegment,
    /// Into the micro-segment of this id.
    Segment(String),
    /// To a number of the network between two bounds, either of which may be missing.
    Number {
        /// It is to be larger than this.
        above: Option<f64>,
        /// It is to be smaller than this.
        below: Option<f64>,
    },
}

/// Where a change of spending is to bring the customer: into a micro-segment, or the number that `target` names past a value.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecourseWish")]
struct WrittenWish {
    /// The id of a micro-segment, or `any` for any other than the customer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"any")]
    segment: Option<String>,
    /// What the number is to be larger than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5)]
    above: Option<f64>,
    /// What the number is to be smaller than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.7)]
    below: Option<f64>,
}

/// The word for any other micro-segment.
const ANY: &str = "any";

impl TryFrom<WrittenWish> for Wish {
    type Error = &'static str;

    fn try_from(written: WrittenWish) -> Result<Self, Self::Error> {
        match written {
            WrittenWish {
                segment: Some(segment),
                above: None,
                below: None,
            } => Ok(if segment == ANY {
                Self::AnyOtherSegment
            } else {
                Self::Segment(segment)
            }),
            WrittenWish {
                segment: None,
                above: Some(above),
                below: Some(below),
            } if above >= below => Err("expected above to be less than below"),
            WrittenWish {
                segment: None,
                above,
                below,
            } if above.is_some() || below.is_some() => Ok(Self::Number { above, below }),
            _ => Err("expected a segment, or above, below or both"),
        }
    }
}

impl From<Wish> for WrittenWish {
    fn from(wish: Wish) -> Self {
        let of_segment = |segment| Self {
            segment: Some(segment),
            above: None,
            below: None,
        };
        match wish {
            Wish::AnyOtherSegment => of_segment(ANY.to_owned()),
            Wish::Segment(segment) => of_segment(segment),
            Wish::Number { above, below } => Self {
                segment: None,
                above,
                below,
            },
        }
    }
}

impl JsonSchema for Wish {
    fn schema_name() -> Cow<'static, str> {
        WrittenWish::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        WrittenWish::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(wish: Value) -> Result<Wish, String> {
        serde_json::from_value(wish).map_err(|error| error.to_string())
    }

    #[test]
    fn wish_is_a_segment_or_bounds_and_is_written_as_it_was_read() {
        for (written, expected) in [
            (json!({"segment": "any"}), Wish::AnyOtherSegment),
            (json!({"segment": "2.1"}), Wish::Segment("2.1".to_owned())),
            (
                json!({"above": 0.5}),
                Wish::Number {
                    above: Some(0.5),
                    below: None,
                },
            ),
            (
                json!({"above": 0.5, "below": 0.75}),
                Wish::Number {
                    above: Some(0.5),
                    below: Some(0.75),
                },
            ),
        ] {
            let wish = read(written.clone()).unwrap();
            assert_eq!(wish, expected);
            assert_eq!(serde_json::to_value(wish).unwrap(), written);
        }
    }

    #[test]
    fn wish_of_nothing_of_both_kinds_or_of_an_empty_range_is_refused() {
        for (written, words) in [
            (json!({}), "expected a segment, or above"),
            (
                json!({"segment": "1", "above": 2}),
                "expected a segment, or above",
            ),
            (
                json!({"above": 0.5, "below": 0.5}),
                "expected above to be less",
            ),
            (json!({"output": "openness"}), "unknown field"),
        ] {
            let refused = read(written).unwrap_err();
            assert!(refused.starts_with(words), "{refused}");
        }
    }
}
