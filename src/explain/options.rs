//! What a caller may ask of an explanation; out of range does not parse.

use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

/// The surrogate's method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Method {
    /// Weighted least squares on presence masks of the customer's own spending.
    #[default]
    Lime,
    /// The papers' surrogate of the whole population, unrolled over the customer's own periods.
    GlobalLinear,
}

/// For whom a surrogate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// For one customer: it was fitted to the network near them.
    Local,
    /// For all customers: it was fitted once, to a population.
    Global,
}

/// What one coefficient stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Level {
    /// A spending class, over the whole window.
    #[default]
    Class,
    /// A period, all classes together.
    Period,
    /// A spending class in one period.
    Cell,
}

impl Method {
    /// For whom its surrogates hold.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Lime => Scope::Local,
            Self::GlobalLinear => Scope::Global,
        }
    }

    /// Whether it has coefficients at this level.
    #[must_use]
    pub fn has(self, level: Level) -> bool {
        match self {
            Self::Lime => level == Level::Class,
            Self::GlobalLinear => true,
        }
    }
}

impl FromStr for Method {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "lime" => Ok(Self::Lime),
            "global-linear" => Ok(Self::GlobalLinear),
            _ => Err("expected lime or global-linear"),
        }
    }
}

impl FromStr for Level {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "class" => Ok(Self::Class),
            "period" => Ok(Self::Period),
            "cell" => Ok(Self::Cell),
            _ => Err("expected class, period or cell"),
        }
    }
}

impl TryFrom<String> for Method {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl TryFrom<String> for Level {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

/// What is asked of one explanation; a member that is `null` is as if it were absent.
///
/// | member | default | range |
/// |---|---|---|
/// | `method` | `lime` | `lime`, `global-linear` |
/// | `level` | `class` | `class`; with `global-linear` also `period` and `cell` |
/// | `target` | `traits` | `traits`, `state`, an output's name, `state.0` to `state.{H-1}` |
/// | `samples` | 512 | 32 to 8,192 |
/// | `seed` | from input and model | 0 to 2^53 - 1 |
/// | `top` | 10 | 1 to 1,000 |
/// | `fidelity_target` | the server's | 0 to 1 |
///
/// `global-linear` draws nothing: `samples` and `seed` change nothing in its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
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
    /// How many times the customer's spending is perturbed, the unperturbed included.
    #[serde(deserialize_with = "samples")]
    pub samples: usize,
    /// The seed of the perturbations; absent, it comes from the input and the model.
    #[serde(deserialize_with = "seed")]
    pub seed: Option<u64>,
    /// How many contributions are listed before the rest is folded into one.
    #[serde(deserialize_with = "top")]
    pub top: usize,
    /// The R² below which the verdict is `low_fidelity`.
    #[serde(deserialize_with = "fidelity_target")]
    pub fidelity_target: Option<f64>,
}

const TARGET: &str = "traits";
const SAMPLES: usize = 512;
const TOP: usize = 10;

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::default(),
            level: Level::default(),
            target: TARGET.to_owned(),
            samples: SAMPLES,
            seed: None,
            top: TOP,
            fidelity_target: None,
        }
    }
}

/// What the operator has settled for all explanations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The R² below which the verdict is `low_fidelity`, 0 to 1.
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

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn target<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let target = Option::deserialize(deserializer)?;
    Ok(target.unwrap_or_else(|| TARGET.to_owned()))
}

fn samples<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, SAMPLES, 32..=8_192)
}

fn top<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    whole(deserializer, TOP, 1..=1_000)
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
            serde_json::from_str::<Options>(r#"{"method": null, "level": null, "target": null, "samples": null, "seed": null, "top": null,
                    "fidelity_target": null}"#).unwrap(),
            Options::default()
        );
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for method in [Method::Lime, Method::GlobalLinear] {
            let name = serde_json::to_string(&method).unwrap();
            assert_eq!(serde_json::from_str::<Method>(&name).unwrap(), method);
        }
        for level in [Level::Class, Level::Period, Level::Cell] {
            let name = serde_json::to_string(&level).unwrap();
            assert_eq!(serde_json::from_str::<Level>(&name).unwrap(), level);
        }
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
