//! `microseg model check`: check of a bundle.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use microseg_history::Limits;
use microseg_model::{Capacity, Model};

use crate::outcome::CommandResult;

/// Arguments of `microseg model check`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of one version, with its manifest.json
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Loads the bundle and prints its sizes.
pub(super) fn run(arguments: &Arguments) -> CommandResult {
    let capacity = Capacity::single(Limits::default());
    let model = Model::load(&arguments.directory, capacity)?;
    let (identity, manifest) = (model.identity(), model.manifest());
    println!(
        "{} version {} is sound: {} classes, {} states, {} outputs, {} segments, {} attractors, sha256 {}",
        identity.name,
        identity.version,
        manifest.classes.len(),
        manifest.hidden_size,
        manifest.outputs.len(),
        manifest.space.segments().leaves().len(),
        manifest.space.attractors().document().attractors.len(),
        identity.sha256,
    );
    Ok(ExitCode::SUCCESS)
}
