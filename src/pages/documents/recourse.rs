//! A recourse in an explanation: the changes of spending that fulfil a wish.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Recourse {
    pub(crate) status: String,
    pub(crate) period: String,
    pub(crate) spending: f64,
    pub(crate) segment: String,
    /// The number that is wished for, as it is; of a wish about micro-segments none.
    pub(crate) value: Option<f64>,
    /// Of the wish for any other micro-segment: the least share that leads there.
    pub(crate) robustness: Option<f64>,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) evaluations: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Alternative {
    pub(crate) moved_share: f64,
    pub(crate) moved_amount: f64,
    pub(crate) segment: String,
    pub(crate) value: Option<f64>,
    pub(crate) changes: Vec<ClassChange>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClassChange {
    pub(crate) title: String,
    pub(crate) amount: f64,
    pub(crate) new_amount: f64,
    pub(crate) share: f64,
    pub(crate) new_share: f64,
}
