//! A scoring, as `POST /v1/score` answers it, and the totals of its history, as records keep them.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Scoring {
    pub(crate) trajectory: Vec<PeriodScore>,
    pub(crate) segment: Located,
    pub(crate) attractor: Option<Near>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PeriodScore {
    pub(crate) period: String,
    pub(crate) state: Vec<f64>,
    pub(crate) traits: BTreeMap<String, f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Located {
    pub(crate) id: String,
    pub(crate) distance: f64,
    pub(crate) margin: Option<f64>,
    #[serde(default)]
    pub(crate) path: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) label: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Near {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) distance: f64,
}

/// Spending by period and class.
#[derive(Debug, Deserialize)]
pub(crate) struct KeptTotals {
    pub(crate) periods: Vec<KeptPeriod>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct KeptPeriod {
    pub(crate) classes: BTreeMap<String, f64>,
}
