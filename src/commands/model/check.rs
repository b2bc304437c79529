//! `microseg model check`: whether a bundle is sound.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use microseg::history::Limits;
use microseg::model::{Capacity, Model};

use crate::commands::Ended;

/// What `microseg model check` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of one version, with its manifest.json
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Loads the bundle, and says what it is.
pub(super) fn run(arguments: &Arguments) -> Ended {
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
