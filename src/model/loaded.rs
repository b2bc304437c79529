//! A model that is ready to be asked: a checked bundle, its encoder, and its network on running threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::Drift;
use super::metrics::NetworkMetrics;
use super::workers::{StartError, Workers};
use super::{Batch, Bundle, BundleError, DirectoryError, Lane, Manifest, Run, RunError};
use microseg_history::{Encoder, Limits, Profile};
use microseg_reasons::{Catalogue, Catalogues};

/// How much a model may take on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Threads that each own a copy of the network, at least 1.
    pub threads: usize,
    /// Scorings that may wait, at least 1.
    pub queue: usize,
    /// Steps of all sequences of one batch together; a single sequence may be longer.
    pub batch_steps: usize,
    /// What one history may hold.
    pub limits: Limits,
}

impl Capacity {
    /// How many steps run together unless the settings say otherwise: 128 histories of six periods, beyond which a
    /// longer batch costs those who wait more than it saves.
    pub const BATCH_STEPS: u32 = 768;

    /// For one caller on one thread.
    #[must_use]
    pub fn single(limits: Limits) -> Self {
        Self {
            threads: 1,
            queue: 1,
            batch_steps: Self::BATCH_STEPS as usize,
            limits,
        }
    }
}

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file of the bundle is missing, altered or does not fit the others.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// There is no bundle, or several to choose from.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A bundle lies where another one should.
    #[error(
        "{}: manifest.json says it is {name} version {version}: the folders must be named the same",
        folder.display()
    )]
    Misplaced {
        /// Where it lies.
        folder: PathBuf,
        /// What it calls itself.
        name: String,
        /// The version that it calls itself.
        version: String,
    },
    /// The network does not load, or is not the one that the bundle describes.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Which model answered; part of every answer.
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
    workers: Workers,
}

impl Model {
    /// Loads the bundle in `directory`; returns when every thread is warm.
    ///
    /// # Errors
    /// [`LoadError`] names the file at fault.
    pub fn load(directory: &Path, capacity: Capacity) -> Result<Self, LoadError> {
        let bundle = Bundle::read(directory)?;
        let workers = Workers::start(&bundle, capacity)?;
        let manifest = bundle.manifest().clone();
        let taxonomy = bundle.taxonomy().clone();
        Ok(Self {
            identity: ModelIdentity {
                name: manifest.name.clone(),
                version: manifest.version.clone(),
                sha256: bundle.network_sha256().to_owned(),
            },
            encoder: Encoder::new(taxonomy, manifest.period, manifest.window, capacity.limits),
            output_names: manifest.outputs.clone().into(),
            reasons: bundle.reasons().clone(),
            drift: Drift::new(&manifest.space.population().shares.mean),
            manifest,
            workers,
        })
    }

    /// Name, version and checksum.
    #[must_use]
    pub fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    /// What the bundle says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The names of the network's outputs, shared by all answers.
    #[must_use]
    pub fn output_names(&self) -> Arc<[String]> {
        self.output_names.clone()
    }

    /// Turns the histories of this model's callers into totals.
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

    /// What the network has done since it was loaded.
    #[must_use]
    pub fn metrics(&self) -> &NetworkMetrics {
        self.workers.metrics()
    }

    /// Takes note of what a customer who is scored spends on.
    pub fn observe(&self, profile: &Profile) {
        self.drift.observe(profile);
    }

    /// How far those who are scored are from the bundle's population, by the classes that they spend on: the population
    /// stability index, at least 0. `None` before anybody was scored.
    #[must_use]
    pub fn population_stability_index(&self) -> Option<f64> {
        self.drift.index()
    }

    /// How many sequences of so many steps may run as one batch, at least 1: as many as the budget of steps allows, and
    /// only if each of them gets the numbers that it gets alone.
    #[must_use]
    pub fn batch_limit(&self, steps: usize) -> usize {
        self.workers.batch_limit(steps)
    }

    /// Whether a run that goes on from the memory of another gives the numbers that both give at once, to the last bit.
    #[must_use]
    pub fn continues(&self) -> bool {
        self.workers.continues()
    }

    /// Runs a batch through the network once a thread is free; dropping the future takes the batch back.
    ///
    /// # Errors
    /// [`RunError::Busy`] at once when the lane's queue is full.
    pub async fn run(&self, lane: Lane, batch: Batch) -> Result<Run, RunError> {
        self.workers.run(lane, batch).await
    }
}
