//! Errors of a build's input files, and the reading of those files.

use std::path::{Path, PathBuf};

use super::description::DescriptionError;
use super::relations::RelationsError;
use microseg_history::TaxonomyError;
use microseg_model::ManifestError;
use microseg_runtime::NetworkError;

/// Why inputs were refused; every message begins with the file or the option at fault.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file cannot be read.
    #[error("{}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The taxonomy does not parse.
    #[error("{}: {source}", file.display())]
    Taxonomy {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: TaxonomyError,
    },
    /// A network does not load, or has another signature.
    #[error("{}: {source}", file.display())]
    Network {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: NetworkError,
    },
    /// The description of the network does not parse.
    #[error("{}: {source}", file.display())]
    Description {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: DescriptionError,
    },
    /// What the description declares does not hold together.
    #[error("{}: {source}", file.display())]
    Declaration {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
    /// The relations do not parse.
    #[error("{}: {source}", file.display())]
    Relations {
        /// The file.
        file: PathBuf,
        /// What is wrong with them.
        source: RelationsError,
    },
    /// A name or a size that no manifest can hold.
    #[error(transparent)]
    Outline(#[from] ManifestError),
    /// The label of a comparison is not distinct from the other rows of the table.
    #[error("--compare {0}: expected a label of its own, other than states and traits, without |")]
    Label(String),
    /// Not as many names as outputs.
    #[error("the network has {outputs} outputs, but {names} names were given")]
    Outputs {
        /// O.
        outputs: usize,
        /// How many names.
        names: usize,
    },
}

pub(super) fn read_fault(file: &Path) -> impl FnOnce(std::io::Error) -> InputError {
    move |source| InputError::Read {
        file: file.to_owned(),
        source,
    }
}

pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, InputError> {
    std::fs::read(file).map_err(read_fault(file))
}

pub(super) fn text(file: &Path) -> Result<String, InputError> {
    std::fs::read_to_string(file).map_err(read_fault(file))
}
