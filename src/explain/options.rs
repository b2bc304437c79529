//! What a caller may ask of an explanation; out of range does not parse.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{Level, Method};

/// What is asked of one explanation; a member that is `null` is as if it were absent.
///
/// | member | default | range |
/// |---|---|---|
/// | `method` | `lime` | `lime`, `kernel-shap`, `sensitivity`, `global-linear` |
/// | `level` | `class` | `class`, `period`, `cell` |
/// | `target` | `traits` | `traits`, `state`, `segment`, an output's name, `state.0` to `state.{H-1}` |
/// | `samples` | 512 | 32 to 8,192 |
/// | `seed` | from input and model | 0 to 2^53 - 1 |
/// | `top` | 10 | 1 to 1,000 |
/// | `reasons` | 4 | 0 to 20 |
/// | `language` | `en` | the languages of the bundle's reasons |
/// | `fidelity_target` | the server's | 0 to 1 |
/// | `deadline_ms` | none | 1 to 600,000 |
///
/// `global-linear` draws nothing: `samples`, `seed` and `deadline_ms` change nothing in its answer.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SettledOptions")]
pub struct Options {
    /// The surrogate's method.
    #[serde(deserialize_with = "or_default")]
    pub method: Method,
    /// What one coefficient stands for.
    #[serde(deserialize_with = "or_default")]
    pub level: Level,
    /// Which of the network's numbers is explained: a name that the model decides on.
    #[serde(deserialize_with = "target")]
    pub target: String,
    /// How many times the customer's spending may be perturbed, the unperturbed included.
    #[serde(deserialize_with = "samples")]
    #[schemars(range(min = 32, max = 8_192))]
    pub samples: usize,
    /// The seed of the perturbations; absent, it comes from the input and the model.
    #[serde(deserialize_with = "seed")]
    #[schemars(range(min = 0, max = MAX_SEED))]
    pub seed: Option<u64>,
    /// How many contributions are listed before the rest is folded into one.
    #[serde(deserialize_with = "top")]
    #[schemars(range(min = 1, max = 1_000))]
    pub top: usize,
    /// How many reasons are given for each number, at most.
    #[serde(deserialize_with = "reasons")]
    #[schemars(range(min = 0, max = 20))]
    pub reasons: usize,
    /// The language of the reasons.
    #[serde(deserialize_with = "language")]
    pub language: String,
    /// The R² that the kernel's width is chosen for, and below which the verdict is `low_fidelity`.
    #[serde(deserialize_with = "fidelity_target")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fidelity_target: Option<f64>,
    /// How long after the request's arrival sampling stops, in milliseconds, with what there is by then.
    #[serde(deserialize_with = "deadline")]
    #[schemars(range(min = 1, max = 600_000))]
    pub deadline_ms: Option<u64>,
}

const TARGET: &str = "traits";
const SAMPLES: usize = 512;
const TOP: usize = 10;
const REASONS: usize = 4;
const LANGUAGE: &str = "en";

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::default(),
            level: Level::default(),
            target: TARGET.to_owned(),
            samples: SAMPLES,
            seed: None,
            top: TOP,
            reasons: REASONS,
            language: LANGUAGE.to_owned(),
            fidelity_target: None,
            deadline_ms: None,
        }
    }
}

/// What the operator has settled for all explanations: below these the verdict is not `ok`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The least R², 0 to 1, unless a request says otherwise.
    pub fidelity_target: f64,
    /// The least variables stability index, 0 to 1.
    pub vsi: f64,
    /// The least coefficients stability index, 0 to 1.
    pub csi: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fidelity_target: 0.9,
            vsi: 0.8,
            csi: 0.8,
        }
    }
}

/// The largest seed: every JSON reader can hold it.
pub(super) const MAX_SEED: u64 = (1 << 53) - 1;

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn target<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer, TARGET)
}

fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer, LANGUAGE)
}

fn text<'de, D: Deserializer<'de>>(deserializer: D, default: &str) -> Result<String, D::Error> {
    let text = Option::deserialize(deserializer)?;
    Ok(text.unwrap_or_else(|| default.to_owned()))
}

fn samples<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, SAMPLES, 32..=8_192)
}

fn top<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, TOP, 1..=1_000)
}

fn reasons<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, REASONS, 0..=20)
}

fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
    default: usize,
    range: RangeInclusive<usize>,
) -> Result<usize, D::Error> {
    match Option::deserialize(deserializer)?.unwrap_or(default) {
        number if range.contains(&number) => Ok(number),
        _ => {
            let (least, most) = range.into_inner();
            Err(D::Error::custom(format!(
                "expected a whole number from {least} to {most}"
            )))
        }
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

fn deadline<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::<u64>::deserialize(deserializer)? {
        Some(milliseconds) if !(1..=600_000).contains(&milliseconds) => {
            Err(D::Error::custom("expected a whole number from 1 to 600000"))
        }
        deadline => Ok(deadline),
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
        let nothing = r#"{"method": null, "level": null, "target": null, "samples": null, "seed": null, "top": null,
            "reasons": null, "language": null, "fidelity_target": null, "deadline_ms": null}"#;
        assert_eq!(
            serde_json::from_str::<Options>(nothing).unwrap(),
            Options::default()
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let options = Options {
            method: Method::KernelShap,
            level: Level::Cell,
            seed: Some(MAX_SEED),
            fidelity_target: Some(0.1),
            deadline_ms: Some(7),
            ..Options::default()
        };
        let text = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<Options>(&text).unwrap(), options);
    }

    #[test]
    fn what_is_out_of_range_does_not_parse() {
        for text in [
            r#"{"samples": 31}"#,
            r#"{"samples": 8193}"#,
            r#"{"samples": 512.5}"#,
            r#"{"samples": -1}"#,
            r#"{"top": 0}"#,
            r#"{"reasons": 21}"#,
            r#"{"language": 5}"#,
            r#"{"seed": 9007199254740992}"#,
            r#"{"fidelity_target": 1.1}"#,
            r#"{"deadline_ms": 0}"#,
            r#"{"deadline_ms": 600001}"#,
            r#"{"method": "magic"}"#,
            r#"{"level": "atom"}"#,
            r#"{"sample": 512}"#,
        ] {
            assert!(serde_json::from_str::<Options>(text).is_err(), "{text}");
        }
    }
}
