//! Explanations: the network's numbers as sums over parts of the spending, and how far to trust them.
//!
//! [`Options`] say what is asked. A method finds a linear model for each number: `local` fits one to the network around
//! the customer, `global` unrolls the one that holds for the whole population. The report ranks what each part adds and
//! says where the model was tested.

mod document;
mod evaluation;
mod fidelity;
mod findings;
mod global;
mod job;
mod local;
mod options;
mod part;
mod report;
mod target;
mod verdict;

pub use document::{
    Baseline, Contribution, Explanation, Folded, Input, MethodRecord, Other, QualityRecord,
    Runtime, TargetExplanation, Thresholds, TimingRecord, Verdict, Window,
};
pub use fidelity::Fidelity;
pub use job::{ExplainError, Origin, explain};
pub use options::{Level, Method, Options, Policy, Scope};
