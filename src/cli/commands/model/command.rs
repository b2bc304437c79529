//! Subcommands of `microseg model`.

use clap::Subcommand;

use super::{build, check, trial, validate};
use crate::outcome::CommandResult;

/// Commands on models.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load a bundle with all checks: checksums, shapes, golden cases; exit code 0 or 1
    Check(check::Arguments),
    /// Build a bundle from a TorchScript network, a taxonomy and a population of histories
    // --version is here the version of the model.
    #[command(disable_version_flag = true)]
    Build(Box<build::Arguments>),
    /// Explain simulated customers of several types, and write into a bundle how that fares; goes on where it was interrupted
    Validate(validate::Arguments),
    /// Load a bundle and run its network within a limit of memory; loading starts it
    #[command(hide = true)]
    Try(trial::Arguments),
}

impl Command {
    /// Whether it tries a network: what that prints is counted by the process that started the trial.
    pub(crate) fn is_trial(&self) -> bool {
        matches!(self, Self::Try(_))
    }
}

/// Runs a command on a model.
pub(crate) fn run(command: &Command) -> CommandResult {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Build(arguments) => build::run(arguments),
        Command::Validate(arguments) => validate::run(arguments),
        Command::Try(arguments) => trial::run(arguments),
    }
}
