//! Explanations: the network's numbers as sums over parts of the spending, and how far to trust them.
//!
//! [`Options`] hold what a caller asks for. Where the network reads shares, parts of the totals are changed; else the history is
//! encoded again without some of its transactions (`subject`). A method finds a linear model for each number: `local` fits one to the
//! network around the customer, `global_linear` unrolls the one that holds for the whole population. The report ranks
//! what each part adds, measures the model on data that it was not fitted to, and gives the verdict. [`verify`] computes
//! a record again.

mod asked_target;
mod baseline;
mod basket;
mod bounded;
mod change;
mod compute;
mod division;
mod document;
mod earlier_verdict;
mod enum_names;
mod error;
mod evaluation;
mod fidelity;
mod findings;
mod global_linear;
mod level;
mod local;
mod method;
mod method_options;
mod method_version;
mod options;
mod origin;
mod pair_report;
mod part;
mod part_names;
mod policy;
mod quality;
mod recourse;
mod recourse_fault;
mod report;
mod sampling_limit;
mod since;
mod stability;
mod subject;
mod target;
mod target_context;
mod target_explanation;
mod target_reasons;
mod target_report;
mod transaction_division;
mod verdict;
mod verification;
mod wish;

pub use asked_target::{Adverse, AskedTarget, Decision, Link};
pub use baseline::{AskedBaseline, Baseline, BaselineKind};
pub use bounded::{Bounded, Number, OutOfRange};
pub use compute::{check, check_history, explain, explain_and_confirm};
pub use document::{
    BeforeToken, CatalogueRecord, Explanation, Input, MethodRecord, Pruned, QualityRecord, Runtime,
    SinceRecord, StoppedBy, Thresholds, TimingRecord, Window,
};
pub use error::{ExplainError, LevelFault, MethodFault};
pub use fidelity::{Fidelity, ShapleyQuality};
pub use level::Level;
pub use method::{Method, MethodScope};
pub use method_version::METHOD_VERSION;
pub use microseg_problem::Difference;
pub use options::{
    Alternatives, Budget, DeadlineMs, FidelityTarget, LanguageTag, Options, ReasonCount, Samples,
    Seed, Top,
};
pub use origin::Origin;
pub use policy::Policy;
pub use quality::{Cause, CauseName, TargetQuality, Verdict};
pub use recourse::{Alternative, ClassChange, Recourse, RecourseStatus};
pub use recourse_fault::RecourseFault;
pub use since::{Since, SinceFault};
pub use stability::Stability;
pub use target_explanation::{
    Contribution, EventName, Folded, Interaction, Interactions, Note, NoteReason, Other,
    OtherPairs, PartName, Shown, TargetExplanation,
};
pub use verification::{MOST_DIFFERENCES, Verification, VerifyError, verify};
pub use wish::Wish;
