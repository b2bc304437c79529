//! Findings of one customer: the verdicts at each level, and what they rest on.

use serde::{Deserialize, Serialize};

/// One customer of a validation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    /// The type, by its name in tables.
    pub(crate) kind: String,
    /// Which customer of the simulated population.
    pub(crate) customer: u64,
}

/// What became of one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub(crate) subject: Subject,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The model reads nothing of the history, for this reason.
    Refused(String),
    /// An explanation for each level, in their order.
    Explained(Vec<Explained>),
}

/// One explanation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explained {
    pub(crate) level: String,
    /// As documents spell it.
    pub(crate) verdict: String,
    /// Of each number with something to explain.
    pub(crate) relative_standard_errors: Vec<f64>,
    pub(crate) additivity_r2: Vec<f64>,
    /// Whether fresh coalitions confirmed all numbers; `None` unless the verdict is `ok`.
    pub(crate) is_confirmed: Option<bool>,
}
