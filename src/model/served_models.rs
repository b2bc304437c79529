//! Served models: a snapshot of all loaded versions, and the selection of one for a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use microseg_problem::{Problem, ProblemKind};

use crate::model::Model;

/// A version on trial: it scores copies of what the latest version scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: u32,
}

/// The model that a request names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedModel {
    /// The name; the default model for `None`.
    pub name: Option<String>,
    /// The version; the latest one for `None`.
    pub version: Option<u32>,
}

/// Why no model was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// None has this name.
    #[error("no model of this name")]
    NoSuchName,
    /// The model has no such version.
    #[error("no such version of this model")]
    NoSuchVersion,
    /// The request names none, several are served, and none of them is the default.
    #[error("several models and no default")]
    Ambiguous,
}

impl From<SelectionError> for Problem {
    fn from(error: SelectionError) -> Self {
        let (kind, detail) = match error {
            SelectionError::NoSuchName => (
                ProblemKind::NotFound,
                "no model of this name is loaded; GET /v1/models lists them",
            ),
            SelectionError::NoSuchVersion => (
                ProblemKind::NotFound,
                "this version of the model is not loaded; GET /v1/models lists them",
            ),
            SelectionError::Ambiguous => (
                ProblemKind::InvalidContent,
                "several models are served: name one of them in the query, as ?model=NAME",
            ),
        };
        Self::new(kind, detail)
    }
}

/// The models at one moment; a snapshot that an exchange does not change.
#[derive(Debug, Default)]
pub struct ServedModels {
    models: BTreeMap<String, BTreeMap<u32, ServedVersion>>,
    default: Option<String>,
    candidate: Option<Candidate>,
}

/// One version of a model.
#[derive(Debug, Clone)]
pub(crate) struct ServedVersion {
    pub(crate) model: Arc<Model>,
    /// SHA-256 of its manifest.
    pub(crate) digest: [u8; 32],
}

impl ServedModels {
    /// No models yet.
    pub(crate) fn new(default: Option<String>, candidate: Option<Candidate>) -> Self {
        Self {
            models: BTreeMap::new(),
            default,
            candidate,
        }
    }

    pub(crate) fn insert(&mut self, name: &str, number: u32, version: ServedVersion) {
        let versions = self.models.entry(name.to_owned()).or_default();
        versions.insert(number, version);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// The model for a request.
    ///
    /// # Errors
    /// [`SelectionError`] when there is none, or several and no default.
    pub fn select(&self, requested: &RequestedModel) -> Result<Arc<Model>, SelectionError> {
        let requested_name = requested.name.as_deref();
        let name = requested_name.or_else(|| self.default_name());
        let name = name.ok_or(SelectionError::Ambiguous)?;
        let versions = self.models.get(name).ok_or(SelectionError::NoSuchName)?;
        let version = match requested.version {
            Some(version) => version,
            None => self.latest(name).ok_or(SelectionError::NoSuchName)?,
        };
        let found = versions
            .get(&version)
            .ok_or(SelectionError::NoSuchVersion)?;
        Ok(found.model.clone())
    }

    /// The name for requests that give none: the default, or the only one that is served.
    #[must_use]
    pub fn default_name(&self) -> Option<&str> {
        let mut names = self.models.keys();
        let only = match (names.next(), names.next()) {
            (Some(name), None) => Some(name),
            _ => None,
        };
        self.default.as_ref().or(only).map(String::as_str)
    }

    /// All models, by name and then by version.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.versions().map(|(_, _, model)| model)
    }

    /// The version for requests that name none: the highest that is not the candidate.
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

    /// The candidate, if it is another version of this model.
    #[must_use]
    pub fn candidate_beside(&self, model: &Model) -> Option<&Arc<Model>> {
        let candidate = self.candidate.as_ref()?;
        let found = self.version(&candidate.name, candidate.version)?;
        let (one, other) = (model.identity(), found.model.identity());
        (one.name == other.name && one.version != other.version).then_some(&found.model)
    }

    pub(crate) fn version(&self, name: &str, number: u32) -> Option<&ServedVersion> {
        self.models.get(name)?.get(&number)
    }

    /// Name, number and model of every version.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, u32, &Arc<Model>)> {
        self.models.iter().flat_map(|(name, versions)| {
            let versions = versions.iter();
            versions.map(|(&number, version)| (name.as_str(), number, &version.model))
        })
    }
}
