//! Subcommands of `microseg model`.

use clap::Subcommand;

use super::{build, check};
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
}

/// Runs a command on a model.
pub(crate) fn run(command: &Command) -> CommandResult {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Build(arguments) => build::run(arguments),
    }
}
