//! Asked targets: a name that the model decides on, or the caller's own decision.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// The most weights of a decision.
const MOST_WEIGHTS: usize = 4_096;

/// The largest weight or intercept: sums of what networks give stay finite.
const LARGEST_WEIGHT: f64 = 1e9;

/// What is explained.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AskedTarget {
    /// `traits`, `state`, `segment`, an output, or `state.0` and so on.
    Name(String),
    /// A linear score on the network's numbers.
    Decision(Decision),
}

/// The caller's own linear score on the network's outputs and states: `intercept + Σ weight × number`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DecisionTarget")]
pub struct Decision {
    /// A weight for each number that the score uses: outputs by their names, dimensions of the state as `state.0` and so on.
    #[serde(deserialize_with = "weights")]
    #[schemars(example = [("state.0", 0.3), ("openness", -1.2)].into_iter().collect::<BTreeMap<_, _>>())]
    pub weights: BTreeMap<String, f64>,
    /// The score where all of them are 0.
    #[serde(default, deserialize_with = "intercept")]
    #[schemars(example = 0.1)]
    pub intercept: f64,
    /// How the score becomes what the caller decides by. Contributions are always in the score's own unit.
    #[serde(default)]
    pub link: Link,
    /// The direction that is bad for the customer, which `adverse_only` gives the reasons of.
    #[serde(default)]
    pub adverse: Adverse,
}

/// How a score becomes what a caller decides by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// It is the score itself.
    #[default]
    Identity,
    /// The score is log odds, and `1 / (1 + exp(-score))` the probability.
    Logit,
}

/// The direction of a score that is bad for the customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adverse {
    /// A lower score is worse, as in a credit score.
    #[default]
    Lower,
    /// A higher score is worse, as in a risk.
    Higher,
}

impl Link {
    /// What a score is shown as.
    pub(crate) fn shown(self, score: f64) -> f64 {
        match self {
            Self::Identity => score,
            Self::Logit => 1.0 / (1.0 + libm::exp(-score)),
        }
    }
}

impl Adverse {
    /// How bad a change of the score is: above 0 is worse for the customer.
    pub(crate) fn of(self, change: f64) -> f64 {
        match self {
            Self::Lower => -change,
            Self::Higher => change,
        }
    }
}

impl AskedTarget {
    /// The direction that is bad for the customer.
    pub(crate) fn adverse(&self) -> Adverse {
        match self {
            Self::Name(_) => Adverse::default(),
            Self::Decision(decision) => decision.adverse,
        }
    }
}

impl Default for AskedTarget {
    fn default() -> Self {
        Self::Name("traits".to_owned())
    }
}

impl<'de> Deserialize<'de> for AskedTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrDecision;

        impl<'de> Visitor<'de> for NameOrDecision {
            type Value = AskedTarget;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a target, or an object with weights")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<AskedTarget, E> {
                Ok(AskedTarget::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<AskedTarget, A::Error> {
                let members = MapAccessDeserializer::new(members);
                Decision::deserialize(members).map(AskedTarget::Decision)
            }
        }

        deserializer.deserialize_any(NameOrDecision)
    }
}

fn weights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let weights = BTreeMap::<String, f64>::deserialize(deserializer)?;
    if weights.is_empty() || weights.len() > MOST_WEIGHTS {
        return Err(D::Error::custom("expected 1 to 4096 weights"));
    }
    let all_bounded = weights.values().all(|weight| is_bounded(*weight));
    all_bounded
        .then_some(weights)
        .ok_or_else(|| D::Error::custom(BOUNDED))
}

fn intercept<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let intercept = f64::deserialize(deserializer)?;
    is_bounded(intercept)
        .then_some(intercept)
        .ok_or_else(|| D::Error::custom(BOUNDED))
}

const BOUNDED: &str = "expected numbers from -1e9 to 1e9";

fn is_bounded(number: f64) -> bool {
    number.abs() <= LARGEST_WEIGHT
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(target: Value) -> Result<AskedTarget, String> {
        serde_json::from_value(target).map_err(|error| error.to_string())
    }

    #[test]
    fn target_is_a_name_or_a_decision() {
        assert_eq!(
            read(json!("segment")).unwrap(),
            AskedTarget::Name("segment".to_owned())
        );
        let decision = json!({"weights": {"openness": -1.5}, "link": "logit"});
        let AskedTarget::Decision(found) = read(decision).unwrap() else {
            panic!("a decision");
        };
        assert_eq!((found.intercept, found.link), (0.0, Link::Logit));
        assert_eq!(found.adverse, Adverse::Lower);
        let written = serde_json::to_value(AskedTarget::Decision(found.clone())).unwrap();
        assert_eq!(read(written).unwrap(), AskedTarget::Decision(found));
    }

    #[test]
    fn decision_without_weights_or_with_huge_ones_is_refused() {
        for (target, expected) in [
            (json!(3), "the name of a target"),
            (json!({"weights": {}}), "expected 1 to 4096 weights"),
            (json!({"intercept": 1}), "missing field `weights`"),
            (json!({"weights": {"a": 1e10}}), BOUNDED),
            (json!({"weights": {"a": 1}, "intercept": -1e10}), BOUNDED),
            (
                json!({"weights": {"a": 1}, "link": "probit"}),
                "unknown variant",
            ),
            (json!({"weights": {"a": 1}, "wrong": 1}), "unknown field"),
        ] {
            let error = read(target.clone()).unwrap_err();
            assert!(error.contains(expected), "{target}: {error}");
        }
    }

    #[test]
    fn log_odds_are_shown_as_a_probability() {
        assert!((Link::Logit.shown(0.0) - 0.5).abs() < 1e-15);
        assert!((Link::Logit.shown(3.0_f64.ln()) - 0.75).abs() < 1e-12);
        assert!((Link::Identity.shown(-2.0) + 2.0).abs() < 1e-15);
    }
}
