//! Result of running a batch.

use std::time::Duration;

use microseg_problem::{Problem, ProblemKind};
use microseg_runtime::{NetworkError, Trajectories};

/// A batch that was run, and the time it took.
#[derive(Debug, Clone)]
pub struct Run {
    /// The trajectories of its sequences.
    pub trajectories: Trajectories,
    /// From the call to the start of the run.
    pub queue: Duration,
    /// The run itself.
    pub network: Duration,
}

/// Why a batch was not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The queue is full.
    #[error("the queue is full")]
    Busy,
    /// The threads have ended.
    #[error("the network is not running")]
    Stopped,
    /// The network could not be run, or gave something unusable.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Busy => Self::new(
                ProblemKind::Busy,
                "too many requests are waiting for the network",
            ),
            RunError::Stopped => Self::new(ProblemKind::NotReady, "the network has been stopped"),
            // The runtime's message is for the log.
            RunError::Network(_) => {
                Self::new(ProblemKind::Internal, "the network could not be run")
            }
        }
    }
}
