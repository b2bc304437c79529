//! Numbers whose type states their range.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest whole number that every JSON reader holds exactly: 2^53 - 1.
pub(crate) const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// A number from `LEAST` to `MOST`, both included.
///
/// The range is stated in the type alone: what parses, the text of the error, and the JSON schema follow from it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
pub struct Bounded<N, const LEAST: u64, const MOST: u64>(N);

/// A number outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {kind} from {least} to {}", written(*.most))]
pub struct OutOfRange {
    kind: &'static str,
    least: u64,
    most: u64,
}

/// A primitive number that [`Bounded`] holds.
pub trait Number: Copy + PartialOrd + JsonSchema + Into<Value> {
    /// The kind of number, as an error names it.
    const KIND: &'static str;

    /// The number that a bound stands for.
    fn from_bound(bound: u64) -> Self;
}

impl Number for usize {
    const KIND: &'static str = "a whole number";

    fn from_bound(bound: u64) -> Self {
        bound.try_into().unwrap_or(Self::MAX)
    }
}

impl Number for u64 {
    const KIND: &'static str = "a whole number";

    fn from_bound(bound: u64) -> Self {
        bound
    }
}

impl Number for f64 {
    const KIND: &'static str = "a number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "bounds of fractions are small whole numbers"
    )]
    fn from_bound(bound: u64) -> Self {
        bound as Self
    }
}

impl<N: Number, const LEAST: u64, const MOST: u64> Bounded<N, LEAST, MOST> {
    /// Takes a number that is within the range.
    ///
    /// # Errors
    /// [`OutOfRange`] for any other.
    pub fn new(number: N) -> Result<Self, OutOfRange> {
        if (N::from_bound(LEAST)..=N::from_bound(MOST)).contains(&number) {
            Ok(Self(number))
        } else {
            Err(OutOfRange {
                kind: N::KIND,
                least: LEAST,
                most: MOST,
            })
        }
    }

    /// A whole number of the source; one that is out of range does not compile.
    #[must_use]
    pub fn constant<const NUMBER: u64>() -> Self {
        const { assert!(LEAST <= NUMBER && NUMBER <= MOST, "out of range") };
        Self(N::from_bound(NUMBER))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> N {
        self.0
    }
}

impl<'de, N, const LEAST: u64, const MOST: u64> Deserialize<'de> for Bounded<N, LEAST, MOST>
where
    N: Number + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(N::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<N: Number, const LEAST: u64, const MOST: u64> JsonSchema for Bounded<N, LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}From{LEAST}To{MOST}", N::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = N::json_schema(generator);
        schema.insert("minimum".to_owned(), N::from_bound(LEAST).into());
        schema.insert("maximum".to_owned(), N::from_bound(MOST).into());
        schema
    }
}

/// A bound as a person reads it.
pub(crate) fn written(bound: u64) -> Cow<'static, str> {
    if bound == LARGEST_EXACT {
        "2^53 - 1".into()
    } else {
        bound.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Share = Bounded<f64, 0, 1>;
    type Count = Bounded<usize, 32, 8_192>;
    type Exact = Bounded<u64, 0, LARGEST_EXACT>;

    fn error<T: for<'de> Deserialize<'de> + std::fmt::Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }

    #[test]
    fn both_bounds_parse_and_are_written_as_plain_numbers() {
        for text in ["32", "8192"] {
            let count: Count = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&count).unwrap(), text);
        }
        for text in ["0.0", "1.0"] {
            let share: Share = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&share).unwrap(), text);
        }
    }

    #[test]
    fn number_out_of_range_is_refused_with_the_range() {
        assert!(error::<Count>("31").starts_with("expected a whole number from 32 to 8192"));
        assert!(error::<Count>("8193").starts_with("expected a whole number from 32 to 8192"));
        assert!(error::<Share>("1.1").starts_with("expected a number from 0 to 1"));
        let beyond = error::<Exact>("9007199254740992");
        assert!(beyond.starts_with("expected a whole number from 0 to 2^53 - 1"));
    }

    #[test]
    fn schema_states_the_range_in_numbers_of_the_same_kind() {
        let of_count = schemars::schema_for!(Count);
        assert_eq!(of_count.get("minimum"), Some(&32.into()));
        assert_eq!(of_count.get("maximum"), Some(&8_192.into()));
        let of_share = schemars::schema_for!(Share);
        assert_eq!(of_share.get("maximum"), Some(&1.0.into()));
    }
}
