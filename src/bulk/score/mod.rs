//! Scoring of units: the run, and the work of one thread on one unit.

mod run;
mod scorer;

pub use run::BulkRun;
pub(crate) use scorer::{Answer, RunStatus, Scorer, UnitSummary};
