//! Baselines: what the customer is compared with.

use schemars::JsonSchema;
use serde::Serialize;

/// What the customer is compared with.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Baseline {
    /// `absence`, or `own` when the customer is compared with themselves.
    #[schemars(with = "&'static str")]
    pub kind: BaselineKind,
    /// The same in a sentence.
    pub description: &'static str,
}

/// The kind of a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineKind {
    /// No spending at all in the same periods.
    Absence,
    /// The customer's own spending.
    Own,
}

impl Baseline {
    /// No spending at all.
    pub(crate) const ABSENCE: Self = Self {
        kind: BaselineKind::Absence,
        description: "no spending at all in the same periods",
    };
}
