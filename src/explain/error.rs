//! Errors of explanations, and what a client may read of them.

use microseg_history::HistoryError;
use microseg_model::RunError;
use microseg_problem::{Problem, ProblemKind};

use super::method::Method;
use super::recourse_fault::RecourseFault;
use super::since::SinceFault;

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The model has no number of this name.
    #[error("expected traits, state, {segment}state.0 to state.{last_state}, or one of: {outputs}")]
    Target {
        /// `segment, ` for a model with several micro-segments.
        segment: &'static str,
        /// H - 1.
        last_state: usize,
        /// The names of the network's outputs.
        outputs: String,
    },
    /// The bundle has no reasons in this language.
    #[error("expected a language that the model has reasons in: {languages}")]
    Language {
        /// Those that it has.
        languages: String,
    },
    /// The operator lets no caller choose it.
    #[error("expected no such member: on this server all explanations are made alike")]
    Fixed(&'static str),
    /// The method does not explain this model.
    #[error(transparent)]
    Method(#[from] MethodFault),
    /// The model has no parts at this level.
    #[error(transparent)]
    Level(#[from] LevelFault),
    /// The history cannot be compared with what it was.
    #[error(transparent)]
    Since(#[from] SinceFault),
    /// What is asked of a recourse does not fit.
    #[error(transparent)]
    Recourse(#[from] RecourseFault),
    /// The method compares with something else.
    #[error(
        "expected {}: with this model {} compares with nothing else",
        possible.join(" or "),
        method.name()
    )]
    Baseline {
        /// The method.
        method: Method,
        /// What it can compare with.
        possible: Vec<&'static str>,
    },
    /// A history without some of its transactions cannot be read by the network.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history was not read to be explained.
    #[error("the transactions of the history were not kept")]
    NotKept,
    /// The digest of the input could not be computed.
    #[error("the input cannot be written")]
    Input(#[from] serde_json::Error),
    /// The network could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Why a method does not explain a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MethodFault {
    /// A number of a period, such as its income, is of no class.
    #[error(
        "expected shapley, lime or sensitivity: global-linear divides the shares of periods, or events, and the model reads \
         other numbers of periods"
    )]
    OtherNumbers,
    /// What else the network reads would have to change, too.
    #[error(
        "expected shapley, lime or sensitivity: recourse moves shares, and the model reads more than shares"
    )]
    Recourse,
    /// A token does not have the transactions that it unrolls.
    #[error(
        "expected shapley, lime or sensitivity: global-linear unrolls all transactions, and the token has only the last ones: \
         send the whole history, without a token"
    )]
    Continued,
}

/// Why a model has no parts at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelFault {
    /// Its steps are no events.
    #[error("expected class, period or cell: the steps of the model are periods, not events")]
    Periods,
    /// All of a history's transactions have their fields, those before as well as those since then.
    #[error("expected class, period, cell or event: what has changed is divided by transactions")]
    Change,
    /// It reads categories alone.
    #[error("expected class, period, cell or event: the model reads no number of a transaction")]
    NoNumbers,
    /// There cannot be more of what it reads.
    #[error(
        "expected class, period, cell or event: sensitivity scales amounts and fields, and the model reads no number but places          in the calendar"
    )]
    NoQuantities,
}

impl ExplainError {
    /// The JSON Pointer of the option at fault, beside a history.
    #[must_use]
    pub fn option(&self) -> Option<String> {
        let member = match self {
            Self::Recourse(fault) => return Some(fault.pointer()),
            Self::Fixed(member) => return Some(format!("/explain/{member}")),
            Self::Target { .. } => Some("/explain/target"),
            Self::Language { .. } => Some("/explain/language"),
            Self::Method(_) => Some("/explain/method"),
            Self::Level(_) => Some("/explain/level"),
            Self::Baseline { .. } => Some("/explain/baseline"),
            Self::Since(_) => Some("/explain/since"),
            Self::History(_) | Self::NotKept | Self::Input(_) | Self::Run(_) => None,
        };
        member.map(str::to_owned)
    }
}

impl From<ExplainError> for Problem {
    fn from(error: ExplainError) -> Self {
        if let Some(option) = error.option() {
            return Self::at(ProblemKind::InvalidContent, option, error.to_string());
        }
        match error {
            ExplainError::History(error) => error.into(),
            ExplainError::Run(error) => error.into(),
            error => Self::new(ProblemKind::Internal, error.to_string()),
        }
    }
}
