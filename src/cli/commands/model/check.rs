//! `microseg model check`: check of a bundle.

use std::path::PathBuf;

use clap::Args;
use microseg_config::TrialSettings;
use microseg_history::Limits;
use microseg_model::{Capacity, LoadControl, Model};

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg model check`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of one version, with its manifest.json
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    #[command(flatten)]
    trial: TrialSettings,
}

/// Loads the bundle and prints its sizes.
pub(super) fn run(arguments: &Arguments) -> CommandResult {
    let capacity = Capacity::single(Limits::default());
    if let Some(trial) = arguments.trial.trial()? {
        trial.run(
            &arguments.directory,
            capacity.batch_steps,
            &LoadControl::default(),
        )?;
    }
    let model = Model::load(&arguments.directory, capacity)?;
    let (identity, manifest) = (model.identity(), model.manifest());
    output::print(&format!(
        "{} version {} is sound: {} classes, {} states, {} outputs, {} segments, {} attractors, sha256 {}{}{}\n",
        identity.name,
        identity.version,
        manifest.classes.len(),
        manifest.hidden_size(),
        manifest.outputs.len(),
        manifest.space.segments().leaves().len(),
        manifest.space.attractors().document().attractors.len(),
        identity.sha256,
        output::of_encoding(model.encoding_is_verified()),
        output::of_validation(model.validation().is_some()),
    ))
}
