//! Which model is meant.

use std::path::PathBuf;

use clap::Args;

use crate::model::{DirectoryError, find_bundle};

/// The model.
#[derive(Debug, Clone, Args)]
pub struct ModelSettings {
    /// The folder of models: NAME/VERSION/manifest.json, where the highest version serves
    #[arg(
        long,
        value_name = "DIR",
        env = "MICROSEG_MODELS",
        default_value = "models"
    )]
    pub models: PathBuf,

    /// The model to use, where the folder has several
    #[arg(long, value_name = "NAME", env = "MICROSEG_MODEL")]
    pub model: Option<String>,
}

impl ModelSettings {
    /// The folder of the bundle that is meant.
    ///
    /// # Errors
    /// [`DirectoryError`] when there is none, or the choice is not clear.
    pub fn bundle(&self) -> Result<PathBuf, DirectoryError> {
        find_bundle(&self.models, self.model.as_deref())
    }
}
