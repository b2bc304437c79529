//! Explanation of one target: its linear model, part by part.

use schemars::JsonSchema;
use serde::Serialize;

use super::asked_target::Link;
use super::fidelity::Fidelity;
use super::quality::TargetQuality;
use super::stability::Stability;
use microseg_reasons::Reason;

/// One of the network's numbers, and where it comes from.
///
/// `value = intercept + Σ contributions + other.contribution + residual`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TargetExplanation {
    /// The output's name, `state.0` and so on, `segment` for the signed distance to the boundary of the
    /// customer's micro-segment, or `decision`.
    pub name: String,
    /// The micro-segment whose boundary it is; absent for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2.1")]
    pub segment: Option<String>,
    /// The micro-segment on the other side of the boundary that is nearest; absent for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"1.2")]
    pub rival: Option<String>,
    /// The network's number for this customer.
    pub value: f64,
    /// The network's number for the baseline.
    pub base_value: f64,
    /// The surrogate's number without any spending; for `sensitivity` with every amount divided by 1.1.
    pub intercept: f64,
    /// `change`: what of the difference between `base_value` and `value` belongs to no part, `intercept` less `base_value`. With
    /// `since` it is what going on as before would have changed; absent for other methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.004)]
    pub unassigned: Option<f64>,
    /// What the surrogate misses at the customer.
    pub residual: f64,
    /// The strongest classes, periods, cells, transactions or fields, by size.
    pub contributions: Vec<Contribution>,
    /// All others in one.
    pub other: Other,
    /// What a decision's score is shown as, by its link; absent for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// What pairs of parts add together, where sums over parts explain too little; absent where they suffice, or where pairs could
    /// not be fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactions: Option<Interactions>,
    /// Parts that the surrogate was hardly tested on, with what the network itself gives without each; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Whether to trust it, and why not; absent in records without `method.version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<TargetQuality>,
    /// How far to trust this surrogate.
    pub fidelity: Fidelity,
    /// How much it depends on the draw of perturbations.
    pub stability: Stability,
    /// The strongest contributions in words, strongest first.
    pub reasons: Vec<Reason>,
}

/// What the spending in one class, one period, or one class in one period (a cell) adds, or one transaction. Of a network that
/// reads more than shares, the parts are transactions, those of income and of no class included.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Contribution {
    /// 1 for the largest in size.
    pub rank: usize,
    /// The class, at a level that has classes; `null` for what is unclassified.
    pub class: Option<String>,
    /// The class as people read it.
    pub title: Option<String>,
    /// The period, at a level that has periods.
    pub period: Option<String>,
    /// The transaction, at level `event`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventName>,
    /// The field of the transactions, at level `field`: `amount`, a declared field by its name, or what is made of the time, such
    /// as `days_since_previous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"balance")]
    pub field: Option<String>,
    /// Its share of the spending in the window, 0 to 1. Of a network that reads more than shares: of the money that all
    /// transactions of spending classes took out. At level `field` 0: fields do not divide the spending.
    pub share: f64,
    /// The surrogate's coefficient, in the target's unit.
    pub coefficient: f64,
    /// Coefficient times presence; presence is 1. For `sensitivity`, what 10 % more of this spending changes.
    pub contribution: f64,
    /// What it adds alone, where `interactions` are listed: the contribution is this and half of each of its interactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.031)]
    pub main_effect: Option<f64>,
    /// The coefficient's 95 % interval over the drawing of perturbations (weighted least squares with the HC1
    /// covariance, normal approximation); `null` when there are too few of them, or none.
    pub ci95: Option<[f64; 2]>,
}

/// What a decision's score is shown as.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ShownDecision")]
pub struct Shown {
    /// How.
    #[schemars(example = &"logit")]
    pub link: Link,
    /// The `value`.
    #[schemars(example = 0.62)]
    pub value: f64,
    /// The `base_value`.
    #[schemars(example = 0.5)]
    pub base_value: f64,
}

/// What pairs of parts add together, beyond what each adds alone.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Interactions {
    /// The share of the variance over coalitions that main effects and pairs explain, measured as `additivity_r2` is.
    #[schemars(example = 0.99)]
    pub r2: Option<f64>,
    /// The strongest pairs, as many as contributions at the most.
    pub pairs: Vec<Interaction>,
    /// All others in one.
    pub other: OtherPairs,
}

/// Two parts, and what both together add.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Interaction {
    /// 1 for the largest in size.
    #[schemars(example = 1)]
    pub rank: usize,
    /// The two.
    pub parts: [PartName; 2],
    /// What both together add beyond their `main_effect`s, in the target's unit.
    #[schemars(example = -0.012)]
    pub interaction: f64,
}

/// The pairs that are not listed.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
pub struct OtherPairs {
    /// How many.
    #[schemars(example = 35)]
    pub pairs: usize,
    /// Their interactions' sum.
    #[schemars(example = 0.001)]
    pub interaction: f64,
}

/// A part by its names; those that it does not have are absent, and all where it is the remainder.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct PartName {
    /// The class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"rent")]
    pub class: Option<String>,
    /// The class as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Rent")]
    pub title: Option<String>,
    /// The period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2019")]
    pub period: Option<String>,
    /// The transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventName>,
    /// The field of the transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"balance")]
    pub field: Option<String>,
}

/// A part that the surrogate was hardly tested on. It does not change the verdict on the others.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "PartNote")]
pub struct Note {
    /// Why.
    #[schemars(example = &"large_part")]
    pub reason: NoteReason,
    /// The part.
    pub part: PartName,
    /// The network's own number without this part; `null` where it was not measured.
    #[schemars(example = 0.41)]
    pub without: Option<f64>,
    /// `value` less `without`: what this part adds by direct measurement.
    #[schemars(example = 0.09)]
    pub adds: Option<f64>,
}

/// Why a part was hardly tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteReason {
    /// Without it alone the customer would already be far away.
    LargePart,
    /// Few of the perturbations that test the surrogate are without it.
    RarelyRemoved,
}

/// A transaction: by the caller's identifier, or else by its time.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct EventName {
    /// Its place among those that the network reads, from 1 for the oldest.
    #[schemars(example = 118)]
    pub position: usize,
    /// The caller's identifier; absent where it has none.
    #[schemars(example = &"t-7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was booked, RFC 3339 in UTC; absent where it has an identifier.
    #[schemars(example = &"2019-03-01T10:00:00Z")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// The classes, periods, cells, transactions or fields that are not listed.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "OtherContributions")]
pub struct Other {
    /// How many.
    #[serde(flatten)]
    #[schemars(with = "FoldedSchema")]
    pub folded: Folded,
    /// Their share of the spending in the window, 0 to 1.
    pub share: f64,
    /// Their contributions' sum.
    pub contribution: f64,
}

/// How many classes, periods, cells, transactions or fields there are in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Folded {
    /// At level `class`.
    Classes(usize),
    /// At level `period`.
    Periods(usize),
    /// At level `cell`.
    Cells(usize),
    /// At level `event`.
    Events(usize),
    /// At level `field`.
    Fields(usize),
}

/// [`Folded`] as one object, since that is how it is read: exactly one of the five is there.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct FoldedSchema {
    /// How many classes are not listed; at level `class`.
    #[schemars(example = 32)]
    #[schemars(skip_serializing_if = "is_absent")]
    classes: usize,
    /// How many periods are not listed; at level `period`.
    #[schemars(example = 4)]
    #[schemars(skip_serializing_if = "is_absent")]
    periods: usize,
    /// How many cells are not listed; at level `cell`.
    #[schemars(skip_serializing_if = "is_absent")]
    cells: usize,
    /// How many transactions are not listed; at level `event`.
    #[schemars(example = 1_910)]
    #[schemars(skip_serializing_if = "is_absent")]
    events: usize,
    /// How many fields are not listed; at level `field`.
    #[schemars(example = 2)]
    #[schemars(skip_serializing_if = "is_absent")]
    fields: usize,
}
