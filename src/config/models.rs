//! Settings of models: the folder, the requested model, and the shadow model.

use std::path::PathBuf;

use clap::Args;
use microseg_model::{
    Candidate, Capacity, LoadControl, LoadError, Model, RegistryConfig, Trial, find_bundle,
};

/// The model.
#[derive(Debug, Clone, Args)]
pub struct ModelSettings {
    /// The folder of models: NAME/VERSION/manifest.json; the highest version of each is used
    #[arg(
        long,
        value_name = "DIR",
        env = "MICROSEG_MODELS",
        default_value = "models"
    )]
    pub models: PathBuf,

    /// The model to use, where the folder has several: wins over its file models.toml; a server uses the others for
    /// requests that name them
    #[arg(long, value_name = "NAME", env = "MICROSEG_MODEL")]
    pub model: Option<String>,

    /// How many sequences are tried in batches when a network is loaded, within a second: the more, the rarer are the
    /// sequences that get other last bits in a batch than alone and are not found. 0: only the first of each length
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_CALIBRATION_SEQUENCES",
        default_value_t = Capacity::CALIBRATION_SEQUENCES
    )]
    pub calibration_sequences: u16,
}

/// The shadow model.
#[derive(Debug, Clone, Args)]
pub struct ShadowSettings {
    /// A version to try out: it scores copies of what the latest other version scores, and only /metrics shows how they
    /// differ
    #[arg(long, value_name = "NAME/VERSION", env = "MICROSEG_SHADOW", value_parser = candidate)]
    pub shadow: Option<Candidate>,

    /// The percentage of scored histories that the shadow scores too
    #[arg(
        long,
        value_name = "PERCENT",
        env = "MICROSEG_SHADOW_PERCENT",
        default_value = "100",
        value_parser = clap::value_parser!(u8).range(1..=100),
    )]
    pub shadow_percent: u8,
}

impl ModelSettings {
    /// Loads the requested model.
    ///
    /// # Errors
    /// [`LoadError`] when there is none, when there are several and none was requested, or when its bundle is invalid.
    pub fn load(&self, capacity: Capacity) -> Result<Model, LoadError> {
        find_bundle(&self.models, self.model.as_deref())?.load(self.calibrated(capacity))
    }

    fn calibrated(&self, capacity: Capacity) -> Capacity {
        Capacity {
            calibration_sequences: self.calibration_sequences.into(),
            ..capacity
        }
    }

    /// All models of the folder, for a server.
    #[must_use]
    pub fn selection(
        self,
        shadow: &ShadowSettings,
        capacity: Capacity,
        trial: Option<Trial>,
    ) -> RegistryConfig {
        RegistryConfig {
            capacity: self.calibrated(capacity),
            folder: self.models,
            default: self.model,
            candidate: shadow.shadow.clone(),
            trial,
            control: LoadControl::default(),
        }
    }
}

fn candidate(text: &str) -> Result<Candidate, String> {
    let parsed = text.split_once('/').and_then(|(name, version)| {
        let version = version.parse().ok()?;
        (!name.is_empty()).then(|| Candidate {
            name: name.to_owned(),
            version,
        })
    });
    parsed.ok_or_else(|| "expected a name and a version, such as spending-personality/2".to_owned())
}
