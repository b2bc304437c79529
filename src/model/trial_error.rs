//! Errors of the trial of a bundle.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a trial failed.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The process could not be started or watched.
    #[error("{}: {source}", program.display())]
    Process {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The trial did not end.
    #[error("the network did not end its trial in {} s, the limit trial_timeout", .0.as_secs_f64())]
    Timeout(Duration),
    /// The server ends.
    #[error("the trial was stopped")]
    Stopped,
    /// The bundle was refused: the last message of the process.
    #[error("{0}")]
    Refused(String),
    /// The process ended, most likely for want of memory.
    #[error("{message} (the limit trial_memory_bytes is {memory_bytes})")]
    Memory {
        /// The limit on its memory.
        memory_bytes: u64,
        /// Its last message, or how it ended.
        message: String,
    },
}
