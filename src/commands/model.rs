//! `microseg model`: models on disk.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use microseg::history::Limits;
use microseg::model::{Capacity, Model};

use super::Ended;

/// What `microseg model` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load a bundle with every check: checksums, shapes, golden cases; exit code 0 or 1
    Check {
        /// The folder of one version, with its manifest.json
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// Runs a command on a bundle.
pub(crate) fn run(command: &Command) -> Ended {
    let Command::Check { directory } = command;
    let capacity = Capacity {
        threads: 1,
        queue: 1,
        limits: Limits::default(),
    };
    let model = Model::load(directory, capacity)?;
    let (identity, manifest) = (model.identity(), model.manifest());
    println!(
        "{} version {} is sound: {} classes, {} states, {} outputs, sha256 {}",
        identity.name,
        identity.version,
        manifest.classes.len(),
        manifest.hidden_size,
        manifest.outputs.len(),
        identity.sha256,
    );
    Ok(ExitCode::SUCCESS)
}
