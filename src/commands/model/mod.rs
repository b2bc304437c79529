//! `microseg model`: models on disk.

mod build;
mod check;

use clap::Subcommand;

use super::Ended;

/// What `microseg model` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load a bundle with every check: checksums, shapes, golden cases; exit code 0 or 1
    Check(check::Arguments),
    /// Make a bundle from a TorchScript network, a taxonomy and a population of histories
    // Here --version is the model's.
    #[command(disable_version_flag = true)]
    Build(Box<build::Arguments>),
}

/// Runs a command on a model.
pub(crate) fn run(command: &Command) -> Ended {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Build(arguments) => build::run(arguments),
    }
}
