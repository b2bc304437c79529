//! Validation of a bundle: how explanations by its network fare, by type of customer, as `validation.json` holds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use microseg_space::ForgetGates;

/// The only form of the document that this program reads.
const VERSION: u32 = 1;

/// The most characters of a name in a table.
const LONGEST_NAME: usize = 128;

/// How far the shares of a row may be from 1 together: they are quotients.
const ROUNDING: f64 = 1e-9;

/// How explanations of a network fare, by type of customer and by level.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ModelValidation")]
pub struct Validation {
    /// The form of this document.
    #[schemars(example = 1)]
    pub validation_version: u32,
    /// SHA-256 of the network's file, in lower-case hex: a table of another network does not count.
    pub network_sha256: String,
    /// The program that computed it, and its version.
    #[schemars(example = &"microseg 0.1.0")]
    pub computed_by: String,
    /// The method of the explanations.
    #[schemars(example = &"shapley")]
    pub method: String,
    /// The version of the methods.
    #[schemars(example = 2)]
    pub method_version: u32,
    /// The seed of the simulated customers and of the fresh coalitions.
    #[schemars(example = 20)]
    pub seed: u64,
    /// How many customers of each type there were.
    #[schemars(example = 100)]
    pub customers: u64,
    /// The share of a number's variance over fresh coalitions that an explanation must explain to be confirmed, 0 to 1.
    #[schemars(example = 0.9)]
    pub threshold: f64,
    /// One row for each type of customer and each level.
    pub rows: Vec<ValidationRow>,
    /// What the cells of an LSTM keep from step to step; absent for other networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forget_gates: Option<ForgetGates>,
}

/// How the explanations of one type of customer at one level fare.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ModelValidationRow")]
pub struct ValidationRow {
    /// The type of customer.
    #[schemars(example = &"as simulated")]
    pub customers: String,
    /// What one coefficient is for.
    #[schemars(example = &"class")]
    pub level: String,
    /// How many explanations there were.
    #[schemars(example = 100)]
    pub explanations: u64,
    /// How many customers there was none of, since the network reads nothing of them.
    #[schemars(example = 0)]
    pub refused: u64,
    /// The share of the explanations with each verdict; all 0 where there were none.
    pub verdicts: VerdictShares,
    /// The median relative standard error of the explained numbers; `null` where there were none.
    #[schemars(example = 0.008)]
    pub relative_standard_error: Option<f64>,
    /// The median share of a number's variance over coalitions that a sum over the parts explains, at most 1; `null` where there
    /// were none.
    #[schemars(example = 0.998)]
    pub additivity_r2: Option<f64>,
    /// The share of the explanations with the verdict `ok` that fresh coalitions confirmed, for each of their numbers: main
    /// effects and listed interactions explain at least `threshold` there. `null` where none is `ok`.
    #[schemars(example = 0.99)]
    pub confirmed: Option<f64>,
}

/// The share of the explanations with each verdict, 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictShares {
    /// Every threshold is met.
    #[schemars(example = 0.99)]
    pub ok: f64,
    /// A threshold lies within the error of what was measured.
    #[schemars(example = 0.01)]
    pub borderline: f64,
    /// Another draw could give other numbers.
    #[schemars(example = 0.0)]
    pub unstable: f64,
    /// The surrogate does not give the network's numbers well enough.
    #[schemars(example = 0.0)]
    pub low_fidelity: f64,
    /// There is one part alone, or no part changes a number.
    #[schemars(example = 0.0)]
    pub nothing_to_explain: f64,
}

/// Why a validation was refused.
#[derive(Debug, thiserror::Error)]
pub enum ValidationFault {
    /// Not JSON, or a member missing, unknown or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A form of another version of this program.
    #[error("validation_version is {0}, this program reads {VERSION}")]
    Version(u32),
    /// A row does not hold together.
    #[error("row {row}: {member} is not {expected}")]
    Row {
        /// Which row, from 1.
        row: usize,
        /// Its member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A forget gate is none.
    #[error("forget_gates: a mean is not 0 to 1")]
    Gates,
}

/// The member that documents of every form have.
#[derive(Deserialize)]
struct Version {
    validation_version: u32,
}

impl Validation {
    /// The form that is written.
    pub const VERSION: u32 = VERSION;

    /// Reads and checks the text of `validation.json`.
    ///
    /// # Errors
    /// [`ValidationFault`] for another form, or the first row that does not hold together.
    pub fn parse(bytes: &[u8]) -> Result<Self, ValidationFault> {
        // Another form has other members: the error must name its version, not them.
        let Version { validation_version } = serde_json::from_slice(bytes)?;
        if validation_version != VERSION {
            return Err(ValidationFault::Version(validation_version));
        }
        let validation: Self = serde_json::from_slice(bytes)?;
        for (index, row) in validation.rows.iter().enumerate() {
            row.check(index + 1)?;
        }
        let gates = validation.forget_gates.iter();
        let mut means = gates.flat_map(|gates| gates.cells.iter().map(|cell| cell.mean));
        if !means.all(is_share) {
            return Err(ValidationFault::Gates);
        }
        Ok(validation)
    }
}

impl ValidationRow {
    fn check(&self, row: usize) -> Result<(), ValidationFault> {
        let require = |is_met: bool, member, expected| {
            let fault = ValidationFault::Row {
                row,
                member,
                expected,
            };
            is_met.then_some(()).ok_or(fault)
        };
        for (member, name) in [("customers", &self.customers), ("level", &self.level)] {
            let is_name = !name.is_empty()
                && name.chars().count() <= LONGEST_NAME
                && !name.chars().any(|one| one.is_control() || one == '|');
            require(is_name, member, "a name")?;
        }
        let shares = self.verdicts.named().map(|(_, share)| share);
        let sum: f64 = shares.iter().sum();
        let expected = if self.explanations == 0 { 0.0 } else { 1.0 };
        let is_whole =
            shares.iter().all(|share| is_share(*share)) && (sum - expected).abs() <= ROUNDING;
        require(is_whole, "verdicts", "shares that sum to 1")?;
        let error = self.relative_standard_error;
        let is_error = error.is_none_or(|error| error.is_finite() && error >= 0.0);
        require(is_error, "relative_standard_error", "0 or more")?;
        let is_r2 = self.additivity_r2.is_none_or(|r2| r2 <= 1.0);
        require(is_r2, "additivity_r2", "1 or less")?;
        require(self.confirmed.is_none_or(is_share), "confirmed", "0 to 1")
    }

    /// The share of `ok` among the explanations with something to explain, 0 to 1; `None` where there were none.
    #[must_use]
    pub fn ok_of_explained(&self) -> Option<f64> {
        let explained = 1.0 - self.verdicts.nothing_to_explain;
        let has_some = self.explanations > 0 && explained > ROUNDING;
        has_some.then(|| (self.verdicts.ok / explained).min(1.0))
    }
}

impl VerdictShares {
    /// The shares with the names of their verdicts, as documents spell them.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 5] {
        [
            ("ok", self.ok),
            ("borderline", self.borderline),
            ("unstable", self.unstable),
            ("low_fidelity", self.low_fidelity),
            ("nothing_to_explain", self.nothing_to_explain),
        ]
    }
}

fn is_share(number: f64) -> bool {
    (0.0..=1.0).contains(&number)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "validation_version": 1, "network_sha256": "00", "computed_by": "microseg 0.1.0", "method": "shapley",
            "method_version": 2, "seed": 20, "customers": 4, "threshold": 0.9,
            "rows": [{
                "customers": "one year", "level": "class", "explanations": 4, "refused": 0,
                "verdicts": {"ok": 0.5, "borderline": 0.25, "unstable": 0.0, "low_fidelity": 0.0, "nothing_to_explain": 0.25},
                "relative_standard_error": 0.01, "additivity_r2": 0.99, "confirmed": 1.0
            }]
        })
    }

    fn parse(document: &Value) -> Result<Validation, ValidationFault> {
        Validation::parse(document.to_string().as_bytes())
    }

    #[test]
    fn document_is_read_as_it_is_written() {
        let read = parse(&document()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), document());
        let share = read.rows[0].ok_of_explained().unwrap();
        assert!((share - 2.0 / 3.0).abs() < 1e-12, "{share}");
    }

    #[test]
    fn other_form_is_refused_by_its_version() {
        let refused = parse(&json!({"validation_version": 7, "rows": {}})).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "validation_version is 7, this program reads 1"
        );
    }

    #[test]
    fn row_that_does_not_hold_together_is_refused_with_its_member() {
        for (pointer, value, member) in [
            ("/rows/0/verdicts/ok", json!(0.75), "verdicts"),
            ("/rows/0/verdicts/ok", json!(-0.5), "verdicts"),
            ("/rows/0/explanations", json!(0), "verdicts"),
            (
                "/rows/0/relative_standard_error",
                json!(-0.1),
                "relative_standard_error",
            ),
            ("/rows/0/additivity_r2", json!(1.5), "additivity_r2"),
            ("/rows/0/confirmed", json!(1.1), "confirmed"),
            ("/rows/0/customers", json!("a | b"), "customers"),
            ("/rows/0/level", json!(""), "level"),
        ] {
            let mut changed = document();
            *changed.pointer_mut(pointer).unwrap() = value;
            let refused = parse(&changed).unwrap_err().to_string();
            assert!(
                refused.starts_with(&format!("row 1: {member} is not ")),
                "{refused}"
            );
        }
        let mut changed = document();
        changed["forget_gates"] =
            json!({"steps": 1, "cells": [{"layer": 0, "cell": 0, "mean": 1.5, "half_life": null}]});
        assert!(matches!(parse(&changed), Err(ValidationFault::Gates)));
        let mut changed = document();
        changed["surprise"] = json!(1);
        assert!(matches!(parse(&changed), Err(ValidationFault::Json(_))));
    }

    #[test]
    fn row_without_anything_to_explain_has_no_share_of_ok() {
        let mut none = document();
        none["rows"][0]["verdicts"] = json!({
            "ok": 0.0, "borderline": 0.0, "unstable": 0.0, "low_fidelity": 0.0, "nothing_to_explain": 1.0
        });
        assert_eq!(parse(&none).unwrap().rows[0].ok_of_explained(), None);
    }
}
