//! Options of an explanation: the flat document that a caller sends and that a record repeats.

use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};

use crate::asked_target::AskedTarget;
use crate::baseline::AskedBaseline;
use crate::bounded::{Bounded, LARGEST_EXACT};
use crate::level::Level;
use crate::method::Method;
use crate::since::Since;
use crate::wish::Wish;

/// What is asked of one explanation; a member that is `null` is as if it were absent.
///
/// | member | default | range |
/// |---|---|---|
/// | `method` | `shapley` | `shapley`, `lime`, `sensitivity`, `global-linear`, `change`, `recourse`; `kernel-shap` is `shapley` |
/// | `level` | `class` | `class`, `period`, `cell`, `event`, `field` |
/// | `baseline` | the method's | `population`, `segment`, `absence`, `own`, `earlier`: what the method compares with and the bundle has |
/// | `since` | none | a date or a time, for `change` |
/// | `wish` | none | for `recourse`: `{"segment": "any"}` or the id of one; or `above`, `below` or both, for the number of `target` |
/// | `allow`, `freeze` | all, none | for `recourse`: classes that spending is moved between, and those that it is not |
/// | `budget` | 0.5 | for `recourse`: 0 to 1, the most that is moved |
/// | `alternatives` | 3 | for `recourse`: 1 to 10 |
/// | `target` | `traits` | `traits`, `state`, `segment`, an output's name, `state.0` to `state.{H-1}`, or a decision |
/// | `samples` | 512 | 32 to 8,192 |
/// | `seed` | from model and parts | 0 to 2^53 - 1 |
/// | `top` | 10 | 1 to 1,000 |
/// | `reasons` | 4 | 0 to 20 |
/// | `adverse_only` | `false` | `true`: only reasons that are bad for the customer |
/// | `language` | `en` | the languages of the bundle's reasons |
/// | `fidelity_target` | the server's | 0 to 1 |
/// | `deadline_ms` | none | 1 to 600,000 |
///
/// `global-linear` draws nothing: `samples`, `seed` and `deadline_ms` change nothing in its answer.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SettledOptions")]
pub struct Options {
    /// The surrogate's method.
    #[serde(deserialize_with = "null_as_default")]
    pub method: Method,
    /// What one coefficient stands for.
    #[serde(deserialize_with = "null_as_default")]
    pub level: Level,
    /// What the customer is compared with; absent, what the method compares with. Records name it where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<AskedBaseline>,
    /// `change`: since when. A date, which is its midnight in the time zone of the history, or an RFC 3339 time. Where steps are
    /// periods, its whole period counts as since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = &"2019-01-01")]
    pub since: Option<Since>,
    /// `recourse`: where a change of spending is to bring the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!({"segment": "any"}))]
    pub wish: Option<Wish>,
    /// `recourse`: the classes that spending may be moved between; absent, all spending classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["restaurants", "groceries"])]
    pub allow: Option<Vec<String>>,
    /// `recourse`: the classes whose spending stays as it is; absent, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["rent"])]
    pub freeze: Option<Vec<String>>,
    /// `recourse`: the most that may be moved, as a share of the spending in the last period; absent, half of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.2)]
    pub budget: Option<Budget>,
    /// `recourse`: how many changes are answered at the most; absent, three.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 5)]
    pub alternatives: Option<Alternatives>,
    /// Which of the network's numbers is explained: a name that the model decides on, or the caller's own linear score.
    #[serde(deserialize_with = "null_as_default")]
    pub target: AskedTarget,
    /// How many times the customer's spending may be perturbed, the unperturbed included.
    #[serde(deserialize_with = "null_as_default")]
    pub samples: Samples,
    /// The seed of the perturbations; absent, it comes from the model and the parts.
    pub seed: Option<Seed>,
    /// How many contributions are listed before the rest is folded into one.
    #[serde(deserialize_with = "null_as_default")]
    pub top: Top,
    /// How many reasons are given for each number, at most.
    #[serde(deserialize_with = "null_as_default")]
    pub reasons: ReasonCount,
    /// Whether to give only reasons in the direction that is bad for the customer, the worst first: a lower number, unless the
    /// `adverse` of a decision says `higher`.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "std::ops::Not::not"
    )]
    #[schemars(example = true)]
    pub adverse_only: bool,
    /// The language of the reasons.
    #[serde(deserialize_with = "null_as_default")]
    #[schemars(with = "String")]
    pub language: LanguageTag,
    /// The R² that the kernel's width is chosen for, and below which the verdict is `low_fidelity`; of `shapley` the one below which
    /// interactions are looked for.
    pub fidelity_target: Option<FidelityTarget>,
    /// How long after the request's arrival sampling stops, in milliseconds, with what there is by then.
    pub deadline_ms: Option<DeadlineMs>,
}

/// The number of perturbations, the unperturbed customer included.
pub type Samples = Bounded<usize, 32, 8_192>;

impl Default for Samples {
    fn default() -> Self {
        Self::constant::<512>()
    }
}

/// The seed of perturbations.
pub type Seed = Bounded<u64, 0, LARGEST_EXACT>;

/// The number of contributions that are listed.
pub type Top = Bounded<usize, 1, 1_000>;

impl Default for Top {
    fn default() -> Self {
        Self::constant::<10>()
    }
}

/// The number of reasons for each target.
pub type ReasonCount = Bounded<usize, 0, 20>;

impl Default for ReasonCount {
    fn default() -> Self {
        Self::constant::<4>()
    }
}

/// An R² to reach.
pub type FidelityTarget = Bounded<f64, 0, 1>;

/// The most that is moved, as a share of the spending in a period.
pub type Budget = Bounded<f64, 0, 1>;

/// How many changes of spending are answered.
pub type Alternatives = Bounded<usize, 1, 10>;

/// A time limit for sampling, in milliseconds after the request's arrival.
pub type DeadlineMs = Bounded<u64, 1, 600_000>;

/// The tag of a language; a model decides whether it has reasons in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageTag(pub String);

impl Default for LanguageTag {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PAGE: &str = include_str!("../../docs/explanations.md");

    #[test]
    fn absent_and_null_members_take_their_defaults() {
        let empty: Options = serde_json::from_value(json!({})).unwrap();
        assert_eq!(empty, Options::default());
        let nulls = json!({
            "method": null, "level": null, "target": null, "samples": null, "seed": null, "top": null,
            "reasons": null, "language": null, "fidelity_target": null, "deadline_ms": null,
            "baseline": null, "adverse_only": null, "since": null, "wish": null, "allow": null, "freeze": null, "budget": null, "alternatives": null,
        });
        let nulls: Options = serde_json::from_value(nulls).unwrap();
        assert_eq!(nulls, Options::default());
    }

    #[test]
    fn defaults_are_written_into_the_document() {
        let expected = json!({
            "method": "shapley", "level": "class", "target": "traits", "samples": 512, "seed": null, "top": 10,
            "reasons": 4, "language": "en", "fidelity_target": null, "deadline_ms": null,
        });
        assert_eq!(serde_json::to_value(Options::default()).unwrap(), expected);
    }

    #[test]
    fn written_options_are_read_again() {
        let options = Options {
            method: Method::KernelShap,
            level: Level::Cell,
            seed: Some(Seed::constant::<LARGEST_EXACT>()),
            fidelity_target: Some(FidelityTarget::new(0.1).unwrap()),
            deadline_ms: Some(DeadlineMs::constant::<7>()),
            baseline: Some(AskedBaseline::Absence),
            ..Options::default()
        };
        let text = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<Options>(&text).unwrap(), options);
    }

    #[test]
    fn value_out_of_range_is_refused() {
        for (text, expected) in [
            (
                r#"{"samples": 31}"#,
                "expected a whole number from 32 to 8192",
            ),
            (
                r#"{"samples": 8193}"#,
                "expected a whole number from 32 to 8192",
            ),
            (r#"{"samples": 512.5}"#, "invalid type"),
            (r#"{"samples": -1}"#, "invalid value"),
            (r#"{"top": 0}"#, "expected a whole number from 1 to 1000"),
            (r#"{"reasons": 21}"#, "expected a whole number from 0 to 20"),
            (r#"{"language": 5}"#, "invalid type"),
            (
                r#"{"seed": 9007199254740992}"#,
                "expected a whole number from 0 to 2^53 - 1",
            ),
            (
                r#"{"fidelity_target": 1.1}"#,
                "expected a number from 0 to 1",
            ),
            (
                r#"{"deadline_ms": 0}"#,
                "expected a whole number from 1 to 600000",
            ),
            (
                r#"{"deadline_ms": 600001}"#,
                "expected a whole number from 1 to 600000",
            ),
            (
                r#"{"method": "magic"}"#,
                "expected shapley, lime, kernel-shap, sensitivity, global-linear, change or recourse",
            ),
            (
                r#"{"baseline": "zero"}"#,
                "expected absence, own, population, segment or earlier",
            ),
            (
                r#"{"level": "atom"}"#,
                "expected class, period, cell, event or field",
            ),
            (r#"{"sample": 512}"#, "unknown field"),
        ] {
            let error = serde_json::from_str::<Options>(text).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{text}: {error}");
        }
    }

    /// A whole number with commas between thousands; a bound that has a name of its own by that name.
    fn readable(number: &Value) -> String {
        let number = number.as_f64().unwrap();
        let digits = format!("{number:.0}");
        if digits == LARGEST_EXACT.to_string() {
            return "2^53 - 1".to_owned();
        }
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    #[test]
    fn tables_state_the_ranges_of_the_types() {
        let schema = schemars::schema_for!(Options).to_value();
        let properties = schema["properties"].as_object().unwrap();
        let bounded = properties
            .iter()
            .filter(|(_, property)| property.get("minimum").is_some());
        let mut checked = 0;
        for (member, property) in bounded {
            let [least, most] = [&property["minimum"], &property["maximum"]].map(readable);
            for table in [schema["description"].as_str().unwrap(), PAGE] {
                let name = format!("`{member}`");
                let is_row = |line: &&str| {
                    let mut cells = line.split('|');
                    cells.nth(1).is_some_and(|cell| cell.contains(&name))
                };
                let row = table.lines().find(is_row).unwrap();
                assert!(row.contains(&format!("{least} to {most}")), "{row}");
                if property["default"].is_number() {
                    let default = property["default"].to_string();
                    assert!(row.split('|').nth(2).unwrap().contains(&default), "{row}");
                }
            }
            checked += 1;
        }
        assert_eq!(checked, 8);
    }
}
