//! Errors of loading a model.

use std::path::PathBuf;

use crate::batching::StartError;
use crate::bundle::BundleError;
use crate::directory::DirectoryError;
use crate::trial_error::TrialError;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file of the bundle is missing, altered or does not fit the others.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// There is no bundle, or several to choose from.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A bundle lies in the folder of another one.
    #[error(
        "{}: manifest.json says it is {name} version {version}: the folders must be named the same",
        folder.display()
    )]
    Misplaced {
        /// Its folder.
        folder: PathBuf,
        /// Its name in its manifest.
        name: String,
        /// Its version in its manifest.
        version: String,
    },
    /// The network did not pass its trial.
    #[error("{}: {source}", folder.display())]
    Trial {
        /// The folder of its bundle.
        folder: PathBuf,
        /// What happened.
        source: TrialError,
    },
    /// The network does not load, or is not the one that the bundle describes.
    #[error(transparent)]
    Start(#[from] StartError),
}
