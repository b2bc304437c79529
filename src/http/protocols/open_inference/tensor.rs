//! Tensors of profiles `[B, T, K]` and of what the network makes of them.

use std::borrow::Cow;
use std::fmt;

use ndarray::{Array3, Axis};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::error::InferenceError;

/// How far the shares of a period may be from adding up to 1.
const TOLERANCE: f32 = 1e-3;

/// Numbers in JSON, nested as the shape is or flat; either way row after row.
///
/// They are laid flat while they are read: kept as they stand, a digit and a comma would take sixty bytes.
pub(super) struct Numbers(Vec<f32>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut numbers = Vec::new();
        Rows(&mut numbers).deserialize(deserializer)?;
        Ok(Self(numbers))
    }
}

// Most generators of clients do not read recursive schemas: nested items are left open.
impl JsonSchema for Numbers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Numbers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "items": {"anyOf": [{"type": "number"}, {"type": "array", "items": {}}]},
        })
    }
}

/// Takes one number, or an array of what it takes.
struct Rows<'a>(&'a mut Vec<f32>);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the nearest number of the tensor's type is what is meant"
)]
impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a number or an array of numbers")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Rows(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

/// Numbers of three dimensions, row after row.
#[derive(Debug)]
pub(super) struct Tensor(Array3<f32>);

impl Tensor {
    /// Sequences of profiles for a model of so many classes, which looks back so many periods.
    pub(super) fn of_profiles(
        shape: &[usize],
        numbers: Source<'_>,
        classes: usize,
        window: usize,
    ) -> Result<Self, InferenceError> {
        let fault = InferenceError::Shape { classes, window };
        let &[sequences, periods, width] = shape else {
            return Err(fault);
        };
        if sequences == 0 || !(1..=window).contains(&periods) || width != classes {
            return Err(fault);
        }
        let expected = sequences.saturating_mul(periods).saturating_mul(width);
        let values = numbers.values();
        let array = Array3::from_shape_vec((sequences, periods, width), values)
            .map_err(|_| InferenceError::Length { expected })?;
        let are_shares = array.rows().into_iter().all(|row| {
            let sum = row.sum();
            // One share may be all there is, and then rounding goes beyond 1 as in a sum.
            row.iter()
                .all(|share| (0.0..=1.0 + TOLERANCE).contains(share))
                && (sum == 0.0 || (sum - 1.0).abs() <= TOLERANCE)
        });
        are_shares
            .then_some(Self(array))
            .ok_or(InferenceError::Shares)
    }

    /// What came out of runs of the network, one behind the other.
    pub(super) fn of_runs(runs: &[Array3<f32>]) -> Self {
        let views: Vec<_> = runs.iter().map(Array3::view).collect();
        // All runs come from one network and one tensor: they differ in the number of sequences alone.
        let joined = ndarray::concatenate(Axis(0), &views).unwrap_or_default();
        Self(joined.as_standard_layout().into_owned())
    }

    pub(super) fn into_array(self) -> Array3<f32> {
        self.0
    }

    pub(super) fn shape(&self) -> [usize; 3] {
        self.0.dim().into()
    }

    pub(super) fn values(&self) -> &[f32] {
        self.0.as_slice().unwrap_or_default()
    }
}

/// Where numbers come from.
pub(super) enum Source<'a> {
    Json(Numbers),
    /// Four bytes each, the lowest first.
    Bytes(&'a [u8]),
}

impl Source<'_> {
    fn values(self) -> Vec<f32> {
        match self {
            Self::Json(Numbers(numbers)) => numbers,
            Self::Bytes(bytes) => {
                let (words, rest) = bytes.as_chunks();
                let values = words.iter().map(|&word| f32::from_le_bytes(word));
                // A rest of some bytes is one number too many: the shape will not fit.
                values
                    .chain((!rest.is_empty()).then_some(f32::NAN))
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: &[usize], json: &str) -> Result<Vec<f32>, InferenceError> {
        let numbers: Numbers = serde_json::from_str(json).unwrap();
        let tensor = Tensor::of_profiles(shape, Source::Json(numbers), 2, 3);
        tensor.map(|tensor| tensor.values().to_vec())
    }

    #[test]
    fn nested_and_flat_numbers_are_the_same() {
        let expected = Ok(vec![0.25, 0.75, 0.0, 0.0]);
        assert_eq!(read(&[1, 2, 2], "[[[0.25, 0.75], [0, 0]]]"), expected);
        assert_eq!(read(&[1, 2, 2], "[0.25, 0.75, 0, 0]"), expected);
        let bytes: Vec<u8> = [0.25_f32, 0.75, 0.0, 0.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let tensor = Tensor::of_profiles(&[1, 2, 2], Source::Bytes(&bytes), 2, 3).unwrap();
        assert_eq!(Ok(tensor.values().to_vec()), expected);
    }

    #[test]
    fn only_numbers_and_arrays_of_them_are_numbers() {
        let read = |json| serde_json::from_str::<Numbers>(json).map(|Numbers(numbers)| numbers);
        assert_eq!(read("0.5").unwrap(), [0.5]);
        assert_eq!(read("[-1, [], [[1e-1]]]").unwrap(), [-1.0, 0.1]);
        for json in ["[null]", "[\"1\"]", "{}", "[true]", "[1", "[1e999]"] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn share_beyond_one_by_rounding_is_taken() {
        for json in ["[1.0000001, 0]", "[0.999, 0]", "[0.5004, 0.5004]"] {
            assert!(read(&[1, 1, 2], json).is_ok(), "{json}");
        }
        for json in ["[1.01, 0]", "[1.0000001, -0.0000001]"] {
            assert_eq!(
                read(&[1, 1, 2], json),
                Err(InferenceError::Shares),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_no_profile_is_refused() {
        let shape = InferenceError::Shape {
            classes: 2,
            window: 3,
        };
        for (wrong, json) in [
            (&[2, 2][..], "[1, 0, 1, 0]"),
            (&[1, 4, 2], "[]"),
            (&[0, 1, 2], "[]"),
        ] {
            assert_eq!(read(wrong, json), Err(shape.clone()));
        }
        for json in ["[1]", "[1, 0, 0]", "[]"] {
            assert_eq!(
                read(&[1, 1, 2], json),
                Err(InferenceError::Length { expected: 2 })
            );
        }
        for json in ["[0.5, 0.4]", "[2, -1]", "[1e38, 1e38]"] {
            assert_eq!(read(&[1, 1, 2], json), Err(InferenceError::Shares));
        }
        let odd = Tensor::of_profiles(&[1, 1, 2], Source::Bytes(&[0; 9]), 2, 3);
        assert_eq!(odd.unwrap_err(), InferenceError::Length { expected: 2 });
    }
}
