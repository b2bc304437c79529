//! Model: a checked bundle, its encoder, and its running network.

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::batching::{Batcher, Priority, Run, RunError, next_chunk};
use crate::bundle::Bundle;
use crate::capacity::Capacity;
use crate::directory::FoundBundle;
use crate::drift::{Drift, InputDrift};
use crate::load_control::LoadControl;
use crate::load_error::LoadError;
use crate::manifest::Manifest;
use crate::metrics::NetworkMetrics;
use crate::trial::Trial;
use crate::validation::Validation;
use microseg_encoding::{Encoder, History, Step};
use microseg_reasons::{Catalogue, Catalogues};
use microseg_runtime::{Batch, RuntimeIdentity};

/// The model of an answer; part of every answer.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ModelIdentity {
    /// The model's name.
    pub name: String,
    /// The version, a whole number.
    pub version: String,
    /// SHA-256 of `model.pt`, in lower-case hex.
    pub sha256: String,
}

/// A loaded, checked and warm model.
#[derive(Debug)]
pub struct Model {
    identity: ModelIdentity,
    manifest: Manifest,
    output_names: Arc<[String]>,
    encoder: Encoder,
    reasons: Arc<Catalogues>,
    drift: Drift,
    /// `None` where the network reads shares alone, or the bundle tells nothing of its inputs.
    input_drift: Option<InputDrift>,
    batcher: Batcher,
    runtime: RuntimeIdentity,
    encoding_is_verified: bool,
    encoding_sha256: String,
    validation: Option<Arc<Validation>>,
}

impl Model {
    /// Loads the bundle in `directory`; returns when every thread is warm.
    ///
    /// # Errors
    /// [`LoadError`] names the file at fault.
    pub fn load(directory: &Path, capacity: Capacity) -> Result<Self, LoadError> {
        Self::load_controlled(directory, capacity, &LoadControl::default())
    }

    /// The same, as long as `control` does not stop it.
    fn load_controlled(
        directory: &Path,
        capacity: Capacity,
        control: &LoadControl,
    ) -> Result<Self, LoadError> {
        let bundle = Bundle::read(directory)?;
        let batcher = Batcher::start(&bundle, capacity, control)?;
        let manifest = bundle.manifest().clone();
        let taxonomy = bundle.taxonomy().clone();
        Ok(Self {
            identity: ModelIdentity {
                name: manifest.name.clone(),
                version: manifest.version.clone(),
                sha256: bundle.network_sha256().to_owned(),
            },
            encoder: Encoder::with_inputs(
                taxonomy,
                manifest.declaration().clone(),
                capacity.limits,
            ),
            output_names: manifest.outputs.clone().into(),
            reasons: bundle.reasons().clone(),
            drift: Drift::new(&manifest.space.population().shares.mean),
            input_drift: manifest
                .space
                .population()
                .inputs
                .clone()
                .map(InputDrift::new),
            manifest,
            encoding_is_verified: bundle.golden().verifies_encoding(),
            encoding_sha256: bundle.encoding_sha256()?,
            validation: bundle.validation().cloned(),
            batcher,
            runtime: bundle.backend().identity(),
        })
    }

    /// Name, version and checksum.
    #[must_use]
    pub fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    /// SHA-256 over the taxonomy and the declaration of what the network reads, in lower-case hex.
    #[must_use]
    pub fn encoding_sha256(&self) -> &str {
        &self.encoding_sha256
    }

    /// The bundle's description of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether histories with the inputs that they must become came with the network, and the encoding was held against them.
    /// Shares of spending are this program's own and need none.
    #[must_use]
    pub fn encoding_is_verified(&self) -> bool {
        self.encoding_is_verified || self.reads_shares_alone()
    }

    /// How explanations of this network fare, by type of customer; `None` where that was not computed (`microseg model validate`).
    #[must_use]
    pub fn validation(&self) -> Option<&Validation> {
        self.validation.as_deref()
    }

    /// Whether the network reads the shares of spending of periods as they are and nothing else.
    #[must_use]
    pub fn reads_shares_alone(&self) -> bool {
        self.manifest.declaration().is_shares_alone()
    }

    /// The runtime that executes the network.
    #[must_use]
    pub fn runtime(&self) -> &RuntimeIdentity {
        &self.runtime
    }

    /// The names of the network's outputs, shared by all answers.
    #[must_use]
    pub fn output_names(&self) -> Arc<[String]> {
        self.output_names.clone()
    }

    /// Turns histories into totals, for this model.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The catalogue of reasons in the language of this tag, such as `en`, if the bundle has it; English it always has.
    #[must_use]
    pub fn reasons(&self, language: &str) -> Option<&Catalogue> {
        self.reasons.get(language)
    }

    /// The tags of the languages that there are reasons in: English first, then the others in the order of the alphabet.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.reasons.languages()
    }

    /// The metrics of the network since it was loaded.
    #[must_use]
    pub fn metrics(&self) -> &NetworkMetrics {
        self.batcher.metrics()
    }

    /// Adds a scored customer to the drift.
    pub fn observe(&self, history: &History) {
        self.drift.observe(&history.totals.profile());
        if let (Some(drift), Some(inputs)) = (&self.input_drift, history.declared_inputs()) {
            drift.observe(inputs);
        }
    }

    /// The distance between what the network read of scored customers and of the bundle's population, for each input by its
    /// name: the population stability index, at least 0. None before the first scoring, or where the network reads shares.
    #[must_use]
    pub fn input_stability_indices(&self) -> Vec<(&str, f64)> {
        let drift = self.input_drift.as_ref();
        drift.map_or_else(Vec::new, InputDrift::indices)
    }

    /// The distance between scored customers and the bundle's population, by the classes of their spending: the population
    /// stability index, at least 0. `None` before the first scoring.
    #[must_use]
    pub fn population_stability_index(&self) -> Option<f64> {
        self.drift.index()
    }

    /// How many sequences of so many steps may run as one batch, at least 1: as many as the budget of steps allows, and
    /// only if each of them gets the numbers that it gets alone.
    #[must_use]
    pub fn batch_limit(&self, steps: usize) -> usize {
        self.batcher.batch_limit(steps)
    }

    /// As [`Model::batch_limit`], for batches that no scoring waits for: at least [`MANY_SEQUENCES`](crate::MANY_SEQUENCES)
    /// where the network allows it.
    #[must_use]
    pub fn batch_limit_of_many(&self, steps: usize) -> usize {
        self.batcher.batch_limit_of_many(steps)
    }

    /// How many of a sequence's steps that are left, at least one, run next: all of them, or a chunk where steps are events.
    #[must_use]
    pub fn next_run(&self, steps: usize) -> usize {
        match self.manifest.declaration().step() {
            Step::Event => next_chunk(steps),
            _ => steps,
        }
    }

    /// Whether a run that is continued from a recurrent state gives the numbers of one run over both parts, to the last bit.
    #[must_use]
    pub fn is_continuable(&self) -> bool {
        self.batcher.is_continuable()
    }

    /// Runs a batch through the network once a thread is free; dropping the future cancels the batch.
    ///
    /// # Errors
    /// [`RunError::Busy`] at once when the queue is full.
    pub async fn run(&self, priority: Priority, batch: Batch) -> Result<Run, RunError> {
        self.batcher.run(priority, batch).await
    }
}

impl FoundBundle {
    /// Loads the bundle, and holds name and version of its manifest against its folder.
    ///
    /// # Errors
    /// [`LoadError`] names the file at fault.
    pub fn load(&self, capacity: Capacity) -> Result<Model, LoadError> {
        self.load_controlled(capacity, &LoadControl::default())
    }

    /// Tries the bundle in a process of its own, with batches of up to `steps` steps.
    pub(crate) fn try_out(
        &self,
        trial: &Trial,
        steps: usize,
        control: &LoadControl,
    ) -> Result<(), LoadError> {
        let tried = trial.run(self.folder(), steps, control);
        tried.map_err(|source| LoadError::Trial {
            folder: self.folder().to_owned(),
            source,
        })
    }

    /// The same, as long as `control` does not stop it.
    pub(crate) fn load_controlled(
        &self,
        capacity: Capacity,
        control: &LoadControl,
    ) -> Result<Model, LoadError> {
        let model = Model::load_controlled(self.folder(), capacity, control)?;
        let identity = model.identity();
        if identity.name == self.name() && identity.version == self.version().to_string() {
            return Ok(model);
        }
        Err(LoadError::Misplaced {
            folder: self.folder().to_owned(),
            name: identity.name.clone(),
            version: identity.version.clone(),
        })
    }
}
