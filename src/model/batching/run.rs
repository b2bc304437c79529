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
    /// The run did not end in time, so its thread was given up and replaced.
    #[error("the run of the network did not end in time")]
    Hung,
    /// The network could not be run, or gave something unusable.
    #[error(transparent)]
    Network(NetworkError),
}

impl From<NetworkError> for RunError {
    /// The runtime's message is left out: this error is logged, and the message may hold values of the input.
    fn from(error: NetworkError) -> Self {
        Self::Network(error.without_message())
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Busy => Self::new(
                ProblemKind::Busy,
                "too many requests are waiting for the network",
            ),
            RunError::Stopped => Self::new(ProblemKind::NotReady, "the network has been stopped"),
            RunError::Hung => Self::new(
                ProblemKind::NetworkHung,
                "the network did not end its run in time, the limit network_timeout; its thread was replaced, and other \
                 requests go on",
            ),
            // The runtime's message is for the log.
            RunError::Network(_) => {
                Self::new(ProblemKind::Internal, "the network could not be run")
            }
        }
    }
}
