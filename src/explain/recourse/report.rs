//! Report of a recourse: the changes of spending that fulfil a wish, as a caller reads them.

use schemars::JsonSchema;
use serde::Serialize;

/// The least changes of spending that bring the customer where the wish says. Each was checked on the network itself.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Recourse {
    /// Whether there are any.
    #[schemars(example = &"found")]
    pub status: RecourseStatus,
    /// The period whose spending is moved: the last one.
    #[schemars(example = &"2020")]
    pub period: String,
    /// What was spent in it, in the caller's currency.
    #[schemars(example = 14_250.5)]
    pub spending: f64,
    /// The customer's micro-segment as it is.
    #[schemars(example = &"2.1")]
    pub segment: String,
    /// The number that is wished for as it is; absent for a wish about micro-segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.41)]
    pub value: Option<f64>,
    /// How firmly the customer is in the micro-segment: the share of the period's spending that leads into another one, the least that
    /// was found; `null` where none was. Absent unless the wish is for any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.093)]
    pub robustness: Option<Option<f64>>,
    /// The changes, least first; they differ in the class that gets more, or in where they lead.
    pub alternatives: Vec<Alternative>,
    /// How many inputs of the network were looked at.
    #[schemars(example = 1_932)]
    pub evaluations: usize,
}

/// Whether a wish can be fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecourseStatus {
    /// By each of the alternatives.
    Found,
    /// It is fulfilled without any change.
    Fulfilled,
    /// No change within the budget was found. The search is no proof that there is none.
    NotFound,
}

/// One change of spending.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "RecourseAlternative")]
pub struct Alternative {
    /// 1 for the least.
    #[schemars(example = 1)]
    pub rank: usize,
    /// The share of the period's spending that is moved, 0 to 1.
    #[schemars(example = 0.093)]
    pub moved_share: f64,
    /// The same in the caller's currency.
    #[schemars(example = 1_325.31)]
    pub moved_amount: f64,
    /// The micro-segment that it leads to.
    #[schemars(example = &"2.2")]
    pub segment: String,
    /// The number that it leads to; absent for a wish about micro-segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5003)]
    pub value: Option<f64>,
    /// What is spent in each class that changes: what is taken first, and then where it goes.
    pub changes: Vec<ClassChange>,
}

/// The spending on one class in the period, as it is and as it would be.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "RecourseChange")]
pub struct ClassChange {
    /// The class.
    #[schemars(example = &"rent")]
    pub class: String,
    /// The class as people read it.
    #[schemars(example = &"Rent")]
    pub title: String,
    /// What is spent on it, in the caller's currency.
    #[schemars(example = 9_000.0)]
    pub amount: f64,
    /// What would be.
    #[schemars(example = 7_674.69)]
    pub new_amount: f64,
    /// Its share of the period's spending.
    #[schemars(example = 0.632)]
    pub share: f64,
    /// What its share would be.
    #[schemars(example = 0.539)]
    pub new_share: f64,
}
