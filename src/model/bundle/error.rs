//! Errors of reading a bundle.

use std::io;
use std::path::PathBuf;

use crate::golden::GoldenError;
use crate::manifest::ManifestError;
use crate::validation::ValidationFault;
use microseg_history::TaxonomyError;
use microseg_reasons::CatalogueError;

/// Why a bundle was refused; every message begins with the file at fault.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file is missing or cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The manifest does not hold together.
    #[error("manifest.json: {0}")]
    Manifest(#[from] ManifestError),
    /// A file is not the one that the manifest was made for.
    #[error("{file}: SHA-256 is {found}, the manifest says {expected}")]
    Checksum {
        /// The file's name.
        file: String,
        /// In the manifest, in hex.
        expected: String,
        /// Of the file, in hex.
        found: String,
    },
    /// The taxonomy is not text in UTF-8.
    #[error("taxonomy.csv: not UTF-8")]
    TaxonomyEncoding,
    /// The taxonomy does not parse.
    #[error("taxonomy.csv: {0}")]
    Taxonomy(#[from] TaxonomyError),
    /// Taxonomy and manifest name other classes, or in another order.
    #[error(
        "taxonomy.csv: its spending classes are not the manifest's `classes`, in this order: {0}"
    )]
    Classes(String),
    /// The declaration of what the network reads cannot be written.
    #[error("manifest.json: {0}")]
    Declaration(serde_json::Error),
    /// The golden cases do not parse, or do not fit the manifest.
    #[error("golden.json: {0}")]
    Golden(#[from] GoldenError),
    /// A catalogue of reasons does not hold together, or does not fit the model or the English one.
    #[error("{file}: {source}")]
    Catalogue {
        /// The catalogue's file.
        file: String,
        /// What is wrong with it.
        source: CatalogueError,
    },
    /// The table of how explanations fare does not hold together.
    #[error("validation.json: {0}")]
    Validation(#[from] ValidationFault),
    /// The English catalogue has no checksum in the manifest, so its origin is unknown.
    #[error("{0}: the manifest's `files` do not list it, as they must for English")]
    Unlisted(String),
    /// The name of a catalogue's file is not a language's.
    #[error(
        "{0}: expected a name like de.json or de-at.json: a language's tag of a-z, 0-9 and hyphens"
    )]
    LanguageName(String),
}
