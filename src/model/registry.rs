//! The models that are served, names and versions side by side; exchanged while requests go on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::directory::{FoundBundle, find_bundles};
use super::{Capacity, DirectoryError, LoadError, Model};

/// Which bundles are served, and how.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The folder of models.
    pub folder: PathBuf,
    /// The name that answers requests which name none; needed only where there are several.
    pub default: Option<String>,
    /// A version that is tried out: it gets copies of what its name's latest version scores, and is never the latest.
    pub candidate: Option<Candidate>,
    /// What each model may take on.
    pub capacity: Capacity,
}

/// A version that is tried out in the shadow of the latest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: u32,
}

/// Which model a request wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The default one, unless it is named.
    pub name: Option<String>,
    /// The latest one, unless it is numbered.
    pub version: Option<u32>,
}

/// Why no model meets a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// None has this name.
    #[error("no model of this name")]
    NoSuchName,
    /// The model has no such version.
    #[error("no such version of this model")]
    NoSuchVersion,
    /// The wish names none, several are served, and none of them is the default.
    #[error("several models and no default")]
    Ambiguous,
}

/// The models at one moment. Who holds it keeps them, whatever is exchanged meanwhile.
#[derive(Debug, Default)]
pub struct ServedModels {
    models: BTreeMap<String, BTreeMap<u32, Served>>,
    default: Option<String>,
    candidate: Option<Candidate>,
}

#[derive(Debug, Clone)]
struct Served {
    model: Arc<Model>,
    /// Of its manifest.
    digest: [u8; 32],
}

/// What became of one bundle.
#[derive(Debug)]
pub struct Change {
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// SHA-256 of the `model.pt` that serves now, in lower-case hex; `None` when none does.
    pub sha256: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an exchange does with a bundle.
#[derive(Debug)]
pub enum Outcome {
    /// It is the one that was there before.
    Kept,
    /// It is new.
    Loaded,
    /// It took the place of another one of its name and version.
    Replaced,
    /// It is no longer in the folder.
    Removed,
    /// It does not load; the one that was there before, if any, still serves.
    Refused(LoadError),
}

/// Exchanges the models of a folder.
pub struct Registry {
    selection: Selection,
    served: RwLock<Arc<ServedModels>>,
    /// Held by whoever exchanges.
    exchanging: Mutex<()>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selection = &self.selection;
        formatter
            .debug_struct("Registry")
            .field("selection", selection)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// Loads what is in the folder. A bundle that does not load costs the others nothing, as long as there is another.
    ///
    /// # Errors
    /// [`LoadError`] when the folder cannot be read, or nothing in it loads: then of the bundle that would have served.
    pub fn open(selection: Selection) -> Result<(Self, Vec<Change>), LoadError> {
        let registry = Self {
            selection,
            served: RwLock::default(),
            exchanging: Mutex::default(),
        };
        let mut changes = registry.reload()?;
        if registry.served().models.is_empty() {
            let refused = changes.pop().map(|change| change.outcome);
            return Err(match refused {
                Some(Outcome::Refused(error)) => error,
                _ => DirectoryError::Empty(registry.selection.folder).into(),
            });
        }
        registry.expect_named(&changes)?;
        Ok((registry, changes))
    }

    /// What the settings name must be there.
    fn expect_named(&self, changes: &[Change]) -> Result<(), DirectoryError> {
        let default = self.selection.default.as_ref().map(|name| (name, None));
        let candidate = self.selection.candidate.as_ref();
        let candidate = candidate.map(|candidate| (&candidate.name, Some(candidate.version)));
        for (name, version) in default.into_iter().chain(candidate) {
            let is_meant = |change: &Change| {
                change.name == *name && version.is_none_or(|v| v == change.version)
            };
            if !changes.iter().any(is_meant) {
                return Err(DirectoryError::Missing {
                    path: self.selection.folder.clone(),
                    name: name.clone(),
                    version,
                });
            }
        }
        Ok(())
    }

    /// The models as they are now.
    #[must_use]
    pub fn served(&self) -> Arc<ServedModels> {
        self.served
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks into the folder again: what is new is loaded, checked and warmed before anything is exchanged, at once.
    /// What does not load changes nothing. Blocks for as long as loading takes; a second caller waits for the first.
    ///
    /// # Errors
    /// [`DirectoryError`] when the folder cannot be read; then everything stays as it was.
    pub fn reload(&self) -> Result<Vec<Change>, DirectoryError> {
        let _exchanging = self
            .exchanging
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = self.served();
        let mut changes = Vec::new();
        let mut served = ServedModels {
            models: BTreeMap::new(),
            default: self.selection.default.clone(),
            candidate: self.selection.candidate.clone(),
        };
        for bundle in find_bundles(&self.selection.folder)? {
            let old = before.entry(bundle.name(), bundle.version());
            let (entry, outcome) = match take(&bundle, old, self.selection.capacity) {
                Ok((entry, outcome)) => (Some(entry), outcome),
                Err(error) => (old.cloned(), Outcome::Refused(error)),
            };
            let sha256 = entry
                .as_ref()
                .map(|entry| entry.model.identity().sha256.clone());
            if let Some(entry) = entry {
                let versions = served.models.entry(bundle.name().to_owned()).or_default();
                versions.insert(bundle.version(), entry);
            }
            changes.push(Change {
                name: bundle.name().to_owned(),
                version: bundle.version(),
                sha256,
                outcome,
            });
        }
        // An empty folder is more likely a mistake than a wish.
        if served.models.is_empty() {
            return Ok(changes);
        }
        let gone = before.entries().filter(|(name, version, _)| {
            let still_there = served.entry(name, *version);
            still_there.is_none()
        });
        changes.extend(gone.map(|(name, version, _)| Change {
            name: name.to_owned(),
            version,
            sha256: None,
            outcome: Outcome::Removed,
        }));
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
        Ok(changes)
    }
}

/// The bundle as it is on disk: the old one, if it is still the same.
fn take(
    bundle: &FoundBundle,
    old: Option<&Served>,
    capacity: Capacity,
) -> Result<(Served, Outcome), LoadError> {
    let digest = bundle.digest()?;
    match old {
        Some(old) if old.digest == digest => Ok((old.clone(), Outcome::Kept)),
        _ => {
            let model = Arc::new(bundle.load(capacity)?);
            let outcome = match old {
                Some(_) => Outcome::Replaced,
                None => Outcome::Loaded,
            };
            Ok((Served { model, digest }, outcome))
        }
    }
}

impl ServedModels {
    /// The model that a request wants.
    ///
    /// # Errors
    /// [`ChoiceError`] when there is none, or it is not clear which.
    pub fn choose(&self, wish: &Wish) -> Result<Arc<Model>, ChoiceError> {
        let name = match (&wish.name, &self.default) {
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => {
                let mut names = self.models.keys();
                match (names.next(), names.next()) {
                    (Some(name), None) => name,
                    _ => return Err(ChoiceError::Ambiguous),
                }
            }
        };
        let versions = self.models.get(name).ok_or(ChoiceError::NoSuchName)?;
        let version = match wish.version {
            Some(version) => version,
            None => self.latest(name).ok_or(ChoiceError::NoSuchName)?,
        };
        let entry = versions.get(&version).ok_or(ChoiceError::NoSuchVersion)?;
        Ok(entry.model.clone())
    }

    /// All models, by name and then by version.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.entries().map(|(_, _, model)| model)
    }

    /// The version that answers those who ask for none: the highest that is not only tried out.
    #[must_use]
    pub fn latest(&self, name: &str) -> Option<u32> {
        let versions = self.models.get(name)?;
        let is_candidate = |version: u32| {
            let candidate = self.candidate.as_ref();
            candidate
                .is_some_and(|candidate| candidate.name == name && candidate.version == version)
        };
        let mut falling = versions.keys().rev().copied();
        let serving = falling.find(|&version| !is_candidate(version));
        serving.or_else(|| versions.keys().next_back().copied())
    }

    /// The model that is tried out in the shadow of this one, if it is another one of the same name.
    #[must_use]
    pub fn candidate_beside(&self, model: &Model) -> Option<&Arc<Model>> {
        let candidate = self.candidate.as_ref()?;
        let entry = self.entry(&candidate.name, candidate.version)?;
        let (one, other) = (model.identity(), entry.model.identity());
        (one.name == other.name && one.version != other.version).then_some(&entry.model)
    }

    fn entry(&self, name: &str, version: u32) -> Option<&Served> {
        self.models.get(name)?.get(&version)
    }

    fn entries(&self) -> impl Iterator<Item = (&str, u32, &Arc<Model>)> {
        self.models.iter().flat_map(|(name, versions)| {
            let versions = versions.iter();
            versions.map(|(&version, entry)| (name.as_str(), version, &entry.model))
        })
    }
}
