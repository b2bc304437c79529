//! Explanations: a linear surrogate fitted for one request, with the fidelity that says how far to trust it.
//!
//! The way of one explanation: [`Options`] say what is asked; perturbations are drawn; the network evaluates
//! them; the surrogate is solved on four fifths of them and judged on the fifth it has not seen.

mod document;
mod evidence;
mod fidelity;
mod job;
mod options;
mod perturbation;
mod report;
mod seed;
mod surrogate;
mod target;

pub use document::{
    Baseline, Contribution, Explanation, Input, MethodRecord, Other, QualityRecord, Runtime,
    TargetExplanation, Thresholds, Verdict, Window,
};
pub use fidelity::Fidelity;
pub use job::{ExplainError, Origin, explain};
pub use options::{Level, Method, Options, Policy};
