//! What a caller may ask of an explanation; out of range does not parse.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

/// The surrogate's method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Weighted least squares on presence masks of the customer's own spending.
    #[default]
    Lime,
}

/// What one coefficient stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A spending class, over the whole window.
    #[default]
    Class,
}

/// What is asked of one explanation.
///
/// | member | default | range |
/// |---|---|---|
/// | `method` | `lime` | `lime` |
/// | `level` | `class` | `class` |
/// | `target` | `traits` | `traits`, `state`, an output's name, `state.0` to `state.{H-1}` |
/// | `samples` | 512 | 32 to 8,192 |
/// | `seed` | from input and model | 0 to 2^53 - 1 |
/// | `top` | 10 | 1 to 1,000 |
/// | `fidelity_target` | the server's | 0 to 1 |
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The surrogate's method.
    pub method: Method,
    /// What one coefficient stands for.
    pub level: Level,
    /// Which of the network's numbers is explained: a name that the model decides on.
    pub target: String,
    /// How many times the customer's spending is perturbed, the unperturbed included.
    #[serde(deserialize_with = "samples")]
    pub samples: usize,
    /// The seed of the perturbations; absent, it comes from the input and the model.
    #[serde(deserialize_with = "seed")]
    pub seed: Option<u64>,
    /// How many contributions are listed before the rest is folded into one.
    #[serde(deserialize_with = "top")]
    pub top: usize,
    /// The held-out R² below which the verdict is `low_fidelity`.
    #[serde(deserialize_with = "fidelity_target")]
    pub fidelity_target: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::default(),
            level: Level::default(),
            target: "traits".to_owned(),
            samples: 512,
            seed: None,
            top: 10,
            fidelity_target: None,
        }
    }
}

/// What the operator has settled for all explanations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The held-out R² below which the verdict is `low_fidelity`, 0 to 1.
    pub fidelity_target: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fidelity_target: 0.9,
        }
    }
}

/// The largest seed: every JSON reader can hold it.
pub(super) const MAX_SEED: u64 = (1 << 53) - 1;

fn samples<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, 32, 8_192)
}

fn top<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, 1, 1_000)
}

fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
    least: usize,
    most: usize,
) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        number if (least..=most).contains(&number) => Ok(number),
        _ => Err(D::Error::custom(format!(
            "expected a whole number from {least} to {most}"
        ))),
    }
}

fn seed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::<u64>::deserialize(deserializer)? {
        Some(seed) if seed > MAX_SEED => Err(D::Error::custom(
            "expected a whole number from 0 to 2^53 - 1",
        )),
        seed => Ok(seed),
    }
}

fn fidelity_target<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(deserializer)? {
        Some(target) if !(0.0..=1.0).contains(&target) => {
            Err(D::Error::custom("expected a number from 0 to 1"))
        }
        target => Ok(target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_asks_for_the_defaults() {
        assert_eq!(
            serde_json::from_str::<Options>("{}").unwrap(),
            Options::default()
        );
        assert_eq!(
            serde_json::from_str::<Options>(r#"{"seed": null, "fidelity_target": null}"#).unwrap(),
            Options::default()
        );
    }

    #[test]
    fn what_is_out_of_range_does_not_parse() {
        for text in [
            r#"{"samples": 31}"#,
            r#"{"samples": 8193}"#,
            r#"{"samples": 512.5}"#,
            r#"{"samples": -1}"#,
            r#"{"top": 0}"#,
            r#"{"seed": 9007199254740992}"#,
            r#"{"fidelity_target": 1.1}"#,
            r#"{"method": "magic"}"#,
            r#"{"level": "atom"}"#,
            r#"{"sample": 512}"#,
        ] {
            assert!(serde_json::from_str::<Options>(text).is_err(), "{text}");
        }
    }
}
