//! Registry of the served models, which exchanges them while requests go on.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::capacity::Capacity;
use crate::directory::{DirectoryError, FoundBundle, default_name, find_bundles};
use crate::load_control::LoadControl;
use crate::load_error::LoadError;
use crate::served_models::{Candidate, ServedModels, ServedVersion};
use crate::trial::Trial;

/// The bundles to serve, and their capacity.
#[derive(Debug, Clone)]
pub struct RegistryConfig {
    /// The folder of models.
    pub folder: PathBuf,
    /// The name of the model for requests that name none; wins over what the folder's `models.toml` says.
    pub default: Option<String>,
    /// A version on trial: it scores copies of what the latest version of its name scores, and is never the latest.
    pub candidate: Option<Candidate>,
    /// How much each model may take at once.
    pub capacity: Capacity,
    /// How each bundle is tried before it is loaded, if it is.
    pub trial: Option<Trial>,
    /// Stops loads, and counts threads that hang.
    pub control: LoadControl,
}

/// The outcome of an exchange for one bundle.
#[derive(Debug)]
pub struct Change {
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// SHA-256 of the `model.pt` that serves now, in lower-case hex; `None` when none does.
    pub sha256: Option<String>,
    /// What the exchange did.
    pub outcome: Outcome,
}

/// What an exchange did with a bundle.
#[derive(Debug)]
pub enum Outcome {
    /// It is unchanged.
    Kept,
    /// It is new.
    Loaded,
    /// It replaced another one of its name and version.
    Replaced,
    /// It is no longer in the folder.
    Removed,
    /// It does not load; the one before, if any, still serves.
    Refused(LoadError),
}

/// Exchanges the models of a folder.
pub struct Registry {
    config: RegistryConfig,
    served: RwLock<Arc<ServedModels>>,
    /// Locked during an exchange.
    exchanging: Mutex<()>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Registry")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// Loads the bundles of the folder; those that do not load are refused, as long as another one loads.
    ///
    /// # Errors
    /// [`LoadError`] when the folder cannot be read, or nothing in it loads: then of the bundle that would have served.
    pub fn open(config: RegistryConfig) -> Result<(Self, Vec<Change>), LoadError> {
        let registry = Self {
            config,
            served: RwLock::default(),
            exchanging: Mutex::default(),
        };
        let mut changes = registry.reload()?;
        if registry.served().is_empty() {
            let refused = changes.pop().map(|change| change.outcome);
            return Err(match refused {
                Some(Outcome::Refused(error)) => error,
                _ => DirectoryError::Empty(registry.config.folder).into(),
            });
        }
        registry.expect_named(&changes)?;
        Ok((registry, changes))
    }

    /// Refuses a folder without the models that the settings name.
    fn expect_named(&self, changes: &[Change]) -> Result<(), DirectoryError> {
        let default = self.config.default.as_ref().map(|name| (name, None));
        let candidate = self.config.candidate.as_ref();
        let candidate = candidate.map(|candidate| (&candidate.name, Some(candidate.version)));
        for (name, version) in default.into_iter().chain(candidate) {
            let is_named = |change: &Change| {
                change.name == *name && version.is_none_or(|v| v == change.version)
            };
            if !changes.iter().any(is_named) {
                return Err(DirectoryError::Missing {
                    path: self.config.folder.clone(),
                    name: name.clone(),
                    version,
                    found: { changes.iter() }
                        .map(|change| format!("{}/{}", change.name, change.version))
                        .collect(),
                });
            }
        }
        Ok(())
    }

    /// The models as they are now.
    #[must_use]
    pub fn served(&self) -> Arc<ServedModels> {
        self.served.read().clone()
    }

    /// Reads the folder and its `models.toml` again. New bundles are loaded, checked and warmed, then all are exchanged at
    /// once. A bundle that does not load changes nothing. Blocks for as long as loading takes; a second caller waits for
    /// the first.
    ///
    /// # Errors
    /// [`DirectoryError`] when the folder or its file cannot be read; then everything stays as it was.
    pub fn reload(&self) -> Result<Vec<Change>, DirectoryError> {
        let _exchanging = self.exchanging.lock();
        let before = self.served();
        let config = &self.config;
        let found = find_bundles(&config.folder)?;
        let default = default_name(&config.folder, config.default.as_deref(), &found)?;
        let mut served = ServedModels::new(default, config.candidate.clone());
        let mut changes = Vec::new();
        for bundle in found {
            let (version, change) = exchange(&bundle, &before, config);
            if let Some(version) = version {
                served.insert(bundle.name(), bundle.version(), version);
            }
            changes.push(change);
        }
        // An empty folder is more likely a mistake than an intention.
        if served.is_empty() {
            return Ok(changes);
        }
        changes.extend(removed(&before, &served));
        *self.served.write() = Arc::new(served);
        Ok(changes)
    }
}

/// The version that serves a bundle from now on, if any, and what changed.
fn exchange(
    bundle: &FoundBundle,
    before: &ServedModels,
    config: &RegistryConfig,
) -> (Option<ServedVersion>, Change) {
    let old = before.version(bundle.name(), bundle.version());
    let (version, outcome) = match load_if_changed(bundle, old, config) {
        Ok((version, outcome)) => (Some(version), outcome),
        Err(error) => (old.cloned(), Outcome::Refused(error)),
    };
    let model = version.as_ref().map(|version| &version.model);
    let change = Change {
        name: bundle.name().to_owned(),
        version: bundle.version(),
        sha256: model.map(|model| model.identity().sha256.clone()),
        outcome,
    };
    (version, change)
}

/// The versions that are no longer served.
fn removed(before: &ServedModels, now: &ServedModels) -> impl Iterator<Item = Change> {
    let removed = before
        .versions()
        .filter(|(name, version, _)| now.version(name, *version).is_none());
    removed.map(|(name, version, _)| Change {
        name: name.to_owned(),
        version,
        sha256: None,
        outcome: Outcome::Removed,
    })
}

/// The bundle as it is on disk; the loaded one, if its manifest is the same.
fn load_if_changed(
    bundle: &FoundBundle,
    old: Option<&ServedVersion>,
    config: &RegistryConfig,
) -> Result<(ServedVersion, Outcome), LoadError> {
    let digest = bundle.digest()?;
    match old {
        Some(old) if old.digest == digest => Ok((old.clone(), Outcome::Kept)),
        _ => {
            if let Some(trial) = &config.trial {
                bundle.try_out(trial, config.capacity.batch_steps, &config.control)?;
            }
            let model = Arc::new(bundle.load_controlled(config.capacity, &config.control)?);
            let outcome = match old {
                Some(_) => Outcome::Replaced,
                None => Outcome::Loaded,
            };
            Ok((ServedVersion { model, digest }, outcome))
        }
    }
}
