//! A bundle on disk: read once into memory, every file held against its checksum, the parts held against each other.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::catalogues::read_catalogues;
use super::golden::{Golden, GoldenError};
use super::manifest::files::{GOLDEN, MANIFEST, NETWORK, TAXONOMY};
use super::{Manifest, ManifestError};
use microseg_history::{Taxonomy, TaxonomyError};
use microseg_reasons::{CatalogueError, Catalogues, Language};

/// The bytes of one bundle, all checked but for the network's behaviour.
#[derive(Debug, Clone)]
pub struct Bundle {
    manifest: Manifest,
    taxonomy: Arc<Taxonomy>,
    golden: Arc<Golden>,
    reasons: Arc<Catalogues>,
    network: Arc<[u8]>,
}

/// Why a bundle was refused; every message begins with the file at fault.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file is missing or cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
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
    /// The English catalogue was put there by nobody knows whom.
    #[error("{0}: the manifest's `files` do not list it, as they must for English")]
    Unlisted(String),
    /// A file among the catalogues whose name is no language's.
    #[error(
        "{0}: expected a name like de.json or de-at.json: a language's tag of a-z, 0-9 and hyphens"
    )]
    LanguageName(String),
}

impl Bundle {
    /// Reads the bundle in `directory`.
    ///
    /// # Errors
    /// [`BundleError`] names the first file at fault.
    pub fn read(directory: &Path) -> Result<Self, BundleError> {
        let manifest = Manifest::parse(&read(directory, MANIFEST)?)?;
        // Files that only people read are checked too, but not kept.
        for (file, checksum) in &manifest.files {
            let is_kept = [NETWORK, TAXONOMY, GOLDEN].contains(&file.as_str());
            if !is_kept && Language::of_file(file).is_none() {
                read_checked(directory, file, checksum)?;
            }
        }
        let checked = |file: &str| read_checked(directory, file, &manifest.files[file]);

        let text =
            String::from_utf8(checked(TAXONOMY)?).map_err(|_| BundleError::TaxonomyEncoding)?;
        let taxonomy = Taxonomy::from_csv(&text)?;
        expect_same_classes(&taxonomy, &manifest)?;
        let reasons = read_catalogues(directory, &manifest, &taxonomy)?;
        let golden = Golden::parse(&checked(GOLDEN)?, manifest.shape())?;
        let network = checked(NETWORK)?.into();
        Ok(Self {
            manifest,
            taxonomy: Arc::new(taxonomy),
            golden: Arc::new(golden),
            reasons: Arc::new(reasons),
            network,
        })
    }

    /// What the bundle says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of `model.pt`, in lower-case hex.
    #[must_use]
    pub fn network_sha256(&self) -> &str {
        &self.manifest.files[NETWORK]
    }

    pub(super) fn taxonomy(&self) -> &Arc<Taxonomy> {
        &self.taxonomy
    }

    pub(super) fn golden(&self) -> &Arc<Golden> {
        &self.golden
    }

    pub(super) fn reasons(&self) -> &Arc<Catalogues> {
        &self.reasons
    }

    pub(super) fn network(&self) -> &Arc<[u8]> {
        &self.network
    }
}

pub(super) fn read(directory: &Path, file: &str) -> Result<Vec<u8>, BundleError> {
    let path = directory.join(file);
    read_regular(&path).map_err(|source| BundleError::Read { path, source })
}

/// A pipe or a device would never end.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        std::fs::read(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ))
    }
}

pub(super) fn read_checked(
    directory: &Path,
    file: &str,
    expected: &str,
) -> Result<Vec<u8>, BundleError> {
    let bytes = read(directory, file)?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found == expected {
        return Ok(bytes);
    }
    Err(BundleError::Checksum {
        file: file.to_owned(),
        expected: expected.to_owned(),
        found,
    })
}

fn expect_same_classes(taxonomy: &Taxonomy, manifest: &Manifest) -> Result<(), BundleError> {
    let found = taxonomy.classes();
    if found.len() != manifest.classes.len() {
        let counts = format!("{} and {} of them", found.len(), manifest.classes.len());
        return Err(BundleError::Classes(counts));
    }
    match found
        .iter()
        .zip(&manifest.classes)
        .find(|(class, name)| class.id != **name)
    {
        Some((class, name)) => Err(BundleError::Classes(format!("`{}` and `{name}`", class.id))),
        None => Ok(()),
    }
}
