//! Which model is meant.

use std::path::PathBuf;

use clap::Args;

use crate::model::{Capacity, LoadError, Model, find_bundle};

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
    /// Loads the model that is meant.
    ///
    /// # Errors
    /// [`LoadError`] when there is none, the choice is not clear, or its bundle does not hold together.
    pub fn load(&self, capacity: Capacity) -> Result<Model, LoadError> {
        find_bundle(&self.models, self.model.as_deref())?.load(capacity)
    }
}
