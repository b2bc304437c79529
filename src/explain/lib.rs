//! Explanations: the network's numbers as sums over parts of the spending, and how far to trust them.
//!
//! [`Options`] say what is asked. A method finds a linear model for each number: `local` fits one to the network around
//! the customer, `global` unrolls the one that holds for the whole population. The report ranks what each part adds,
//! says where the model was tested, and gives the verdict. [`verify`] computes a record of it again.

mod compute;
mod division;
mod document;
mod evaluation;
mod fidelity;
mod findings;
mod global;
mod limit;
mod local;
mod method;
mod options;
mod report;
mod stability;
mod target;
mod verdict;
mod verification;

pub use compute::{ExplainError, Origin, check, explain};
pub use document::{
    Baseline, CatalogueRecord, Contribution, Explanation, Folded, Input, MethodRecord, Other,
    QualityRecord, Runtime, StoppedBy, TargetExplanation, Thresholds, TimingRecord, Verdict,
    Window,
};
pub use fidelity::Fidelity;
pub use method::{Level, Method, Scope};
pub use microseg_problem::Difference;
pub use options::{Options, Policy};
pub use stability::Stability;
pub use verification::{MOST_DIFFERENCES, Verification, VerifyError, verify};
