//! Errors of a build.

use std::path::{Path, PathBuf};

use super::input_error::InputError;
use microseg_model::{LoadError, ManifestError};
use microseg_runtime::NetworkError;
use microseg_space::SpaceError;

/// The fewest customers that tables of a population are derived from.
pub(super) const FEWEST_CUSTOMERS: u64 = 50;

/// The most predictors of the surrogate: their normal equations are held, and solved at the cost of their cube.
pub(super) const MOST_PREDICTORS: usize = 4_096;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The inputs cannot be read, or do not fit together.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The network could not be run.
    #[error("{file}: {source}")]
    Network {
        /// The network's file.
        file: PathBuf,
        /// What went wrong.
        source: NetworkError,
    },
    /// The surrogate would be too large.
    #[error(
        "classes and state have {0} numbers together, the global surrogate takes at most {MOST_PREDICTORS}"
    )]
    Predictors(usize),
    /// Too few histories.
    #[error("the histories hold {0} customers, expected at least {FEWEST_CUSTOMERS}")]
    Customers(u64),
    /// The tables do not hold together; a fault of this program.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// The manifest does not hold together.
    #[error("manifest.json: {0}")]
    Manifest(#[from] ManifestError),
    /// The finished bundle does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is a bundle in this place already.
    #[error("{} is there already: --replace replaces it", .0.display())]
    Exists(PathBuf),
    /// The bundle cannot be written.
    #[error("{}: {source}", folder.display())]
    Write {
        /// The bundle's folder.
        folder: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// A table is of another network than that of the bundle.
    #[error(
        "{}: its network was replaced while its explanations were validated: validate it again",
        .0.display()
    )]
    OtherNetwork(PathBuf),
    /// The tables cannot be written as JSON; a fault of this program.
    #[error("manifest.json: {0}")]
    Json(#[from] serde_json::Error),
    /// The English catalogue of reasons cannot be written as JSON; a fault of this program.
    #[error("reasons/en.json: {0}")]
    Reasons(serde_json::Error),
}

impl BuildError {
    /// An error of the network in `file`.
    pub(super) fn network(file: &Path) -> impl FnOnce(NetworkError) -> Self {
        move |source| Self::Network {
            file: file.to_owned(),
            source,
        }
    }
}
