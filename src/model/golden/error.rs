//! Errors of golden cases.

use super::difference::TOLERANCE;
use microseg_history::HistoryError;
use microseg_runtime::NetworkError;

/// Why the golden cases could not be read, or were not met.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    /// Not JSON, or a member missing or of another type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// There is nothing to check.
    #[error("no golden case")]
    Empty,
    /// A case does not fit the manifest.
    #[error("case `{case}`: {member} is not {expected}")]
    Shape {
        /// The case's name.
        case: String,
        /// The case's member.
        member: &'static str,
        /// The shape that the manifest asks for.
        expected: String,
    },
    /// The history of a case cannot be read.
    #[error("case `{case}`: history: {source}")]
    History {
        /// The case's name.
        case: String,
        /// What is wrong with it.
        source: HistoryError,
    },
    /// The history of a case becomes another number of steps.
    #[error("case `{case}`: its history becomes {found} steps, PyTorch's had {expected}")]
    Steps {
        /// The case's name.
        case: String,
        /// The case's steps.
        expected: usize,
        /// The steps of its history.
        found: usize,
    },
    /// The history of a case becomes another input.
    #[error(
        "case `{case}`: {input} of step {step} is encoded as {found}, PyTorch's was {expected}: the declaration is not what the network was trained with"
    )]
    Encoding {
        /// The case's name.
        case: String,
        /// The name of the number or category, such as `mcc`.
        input: String,
        /// The step, from 0.
        step: usize,
        /// What the declaration makes of the history.
        found: String,
        /// What the network was given.
        expected: String,
    },
    /// The network could not be run on a case.
    #[error("case `{case}`: {source}")]
    Network {
        /// The case's name.
        case: String,
        /// The error of the run.
        source: NetworkError,
    },
    /// A run that is continued from its recurrent state gives other numbers than one run over both parts.
    #[error(
        "case `{case}`: continued from its recurrent state, {tensor} differ by {difference:e} from one run over all steps: does \
         the network read later steps (bidirectional), or carry something that is not in its state?"
    )]
    Continuation {
        /// The case's name.
        case: String,
        /// `states` or `outputs`.
        tensor: &'static str,
        /// The largest distance.
        difference: f32,
    },
    /// The network gives other numbers than PyTorch gave.
    #[error(
        "case `{case}`: {tensor} differ from PyTorch's by {difference:e}, more than {TOLERANCE:e}"
    )]
    Difference {
        /// The case's name.
        case: String,
        /// `states` or `outputs`.
        tensor: &'static str,
        /// The largest distance.
        difference: f32,
    },
}
