//! A model that is ready to be asked: a checked bundle, its encoder, and its network on running threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::workers::{StartError, Workers};
use super::{Batch, Bundle, BundleError, DirectoryError, Lane, Manifest, Run, RunError};
use crate::history::{Encoder, Limits};

/// How much a model may take on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Threads that each own a copy of the network, at least 1.
    pub threads: usize,
    /// Batches that may wait in each lane, at least 1.
    pub queue: usize,
    /// What one history may hold.
    pub limits: Limits,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    workers: Workers,
}

impl Model {
    /// Loads the bundle in `directory`; returns when every thread is warm.
    ///
    /// # Errors
    /// [`LoadError`] names the file at fault.
    pub fn load(directory: &Path, capacity: Capacity) -> Result<Self, LoadError> {
        let bundle = Bundle::read(directory)?;
        let workers = Workers::start(&bundle, capacity.threads.max(1), capacity.queue.max(1))?;
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

    /// How many batches the network has run since it was loaded; those that were taken back are not among them.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.workers.runs()
    }

    /// Runs a batch through the network once a thread is free; dropping the future takes the batch back.
    ///
    /// # Errors
    /// [`RunError::Busy`] at once when the lane's queue is full.
    pub async fn run(&self, lane: Lane, batch: Batch) -> Result<Run, RunError> {
        self.workers.run(lane, batch).await
    }
}
