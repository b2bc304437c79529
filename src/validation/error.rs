//! Errors of a validation.

use std::io;
use std::path::PathBuf;

use microseg_explain::ExplainError;
use microseg_model::RunError;
use microseg_simulation::SimulationError;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// The journal cannot be read or written.
    #[error("{}: {source}", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The journal is in use.
    #[error("{}: another process validates this bundle", .0.display())]
    Busy(PathBuf),
    /// A signal came.
    #[error("interrupted: the same command goes on from here")]
    Interrupted,
    /// The simulated customers cannot be drawn; a fault of this program.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// What was found cannot be written as JSON; a fault of this program.
    #[error("the journal's lines cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// A thread, or what it runs on, could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
    /// An explanation failed.
    #[error("a simulated customer could not be explained: {0}")]
    Explain(#[from] ExplainError),
    /// The network failed.
    #[error("the network could not be run: {0}")]
    Run(#[from] RunError),
    /// The model reads nothing of the simulated customers.
    #[error(
        "the model reads no simulated customer, of {customers} that were tried: {reason}; its classes and fields must be those \
         that `microseg simulate` gives"
    )]
    NothingRead {
        /// How many were tried.
        customers: u64,
        /// Why the last of them was refused.
        reason: String,
    },
}
