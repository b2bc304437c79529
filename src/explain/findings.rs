//! Findings of a method: linear models of the targets, before they are ranked and compared with thresholds.

use super::baseline::Baseline;
use super::change::Cut;
use super::document::{BeforeToken, Pruned, StoppedBy};
use super::fidelity::Measures;
use super::part::Part;
use super::stability::Stability;

/// A linear model for each target, and what its coefficients stand for.
pub(super) struct Findings {
    /// What the coefficients stand for, in all models alike.
    pub(super) parts: Vec<Part>,
    /// One a target, in their order.
    pub(super) models: Vec<LinearModel>,
    /// What the customer is compared with.
    pub(super) baseline: Baseline,
    /// How perturbations were drawn; `None` for a method that draws nothing.
    pub(super) drawing: Option<Drawing>,
    /// The parts whose coefficients could hardly be tested.
    pub(super) untested: Vec<Untested>,
    /// The old transactions that are one part, if there are any.
    pub(super) pruned: Option<Pruned>,
    /// Where the history is cut, if it is.
    pub(super) cut: Option<Cut>,
    /// What comes before the transactions of a state token, if anything does.
    pub(super) before_token: Option<BeforeToken>,
    /// The share of each target's variance over fresh coalitions that its sum explains; empty where none were drawn.
    pub(super) fresh: Vec<Option<f64>>,
}

/// A part that too few perturbations near the customer are without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Untested {
    pub(super) part: Part,
    /// Without it alone the customer would already be far away; else too few perturbations are without it.
    pub(super) is_far: bool,
}

/// One of the network's numbers as a sum over parts of the spending, and how well that holds.
pub(super) struct LinearModel {
    /// The micro-segment whose margin it is, if it is one.
    pub(super) segment: Option<String>,
    /// The network's number for the customer.
    pub(super) value: f64,
    /// The network's number for the baseline.
    pub(super) base_value: f64,
    /// Whether `base_value` is the other end of a change, which may lie apart from the model's number without any part.
    pub(super) is_changed: bool,
    /// The micro-segment on the other side of the boundary whose distance it is, if it is one.
    pub(super) rival: Option<String>,
    /// The network's own number with more of each part, from a method with counterfactuals.
    pub(super) counterfactuals: Option<Vec<f64>>,
    /// The network's own number without each part alone, where it was measured; empty where none was.
    pub(super) removals: Vec<Option<f64>>,
    pub(super) surrogate: JudgedSurrogate,
}

/// The sum itself, and the measures of its quality.
pub(super) struct JudgedSurrogate {
    /// The model's number without any part.
    pub(super) intercept: f64,
    /// What each part adds, in the target's unit.
    pub(super) coefficients: Vec<f64>,
    /// Half the width of each coefficient's 95 % interval, where there is one.
    pub(super) margins: Option<Vec<f64>>,
    pub(super) measures: Measures,
    pub(super) stability: Stability,
    /// Where main effects alone explain too little, and pairs could be fitted.
    pub(super) interactions: Option<PairModel>,
}

/// A model with main effects and interactions of pairs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairModel {
    /// How much it explains.
    pub(super) r2: Option<f64>,
    /// What each part adds alone.
    pub(super) main_effects: Vec<f64>,
    /// Two parts, and what both together add beyond that.
    pub(super) pairs: Vec<(usize, usize, f64)>,
}

/// How perturbations were drawn and solved.
pub(super) struct Drawing {
    pub(super) samples_requested: usize,
    pub(super) samples_used: usize,
    pub(super) stopped_by: StoppedBy,
    pub(super) seed: u64,
    /// `None` for a method without a kernel.
    pub(super) kernel_width: Option<f64>,
    pub(super) ridge: f64,
}
