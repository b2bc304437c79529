//! Findings: what a method found for one explanation, before anyone ranks it or holds it against a threshold.

use super::fidelity::Measures;
use super::part::Part;

/// A linear model for each target, and what its coefficients stand for.
pub(super) struct Findings {
    /// What the coefficients stand for, in all models alike.
    pub(super) parts: Vec<Part>,
    /// One a target, in their order.
    pub(super) models: Vec<LinearModel>,
    /// What was drawn; `None` for a method that draws nothing.
    pub(super) drawing: Option<Drawing>,
    /// The parts whose coefficients could hardly be tested.
    pub(super) untested: Vec<Part>,
}

/// One of the network's numbers as a sum over parts of the spending, and how well that holds.
pub(super) struct LinearModel {
    /// The network's number for the customer.
    pub(super) value: f64,
    /// The network's number for no spending at all.
    pub(super) base_value: f64,
    /// The model's number without any part.
    pub(super) intercept: f64,
    /// What each part adds, in the target's unit.
    pub(super) coefficients: Vec<f64>,
    /// Half the width of each coefficient's 95 % interval, where there is one.
    pub(super) margins: Option<Vec<f64>>,
    pub(super) measures: Measures,
}

/// How perturbations were drawn and solved.
pub(super) struct Drawing {
    pub(super) samples_used: usize,
    pub(super) seed: u64,
    pub(super) kernel_width: f64,
    pub(super) ridge: f64,
}
