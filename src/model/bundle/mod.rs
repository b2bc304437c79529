//! Bundle on disk: read once into memory, each file checked against its checksum, and the files against each other.

mod catalogues;
mod error;
mod files;

use std::path::Path;
use std::sync::Arc;

use crate::golden::Golden;
use crate::manifest::Manifest;
use crate::manifest::files::{GOLDEN, MANIFEST, TAXONOMY, VALIDATION};
use crate::validation::Validation;
use catalogues::read_catalogues;
use files::read_checked;
use microseg_encoding::Encoder;
use microseg_history::{Limits, Taxonomy};
use microseg_reasons::{Catalogues, Language};
use microseg_runtime::Backend;
use sha2::{Digest as _, Sha256};

pub use error::BundleError;
pub(crate) use files::read;

/// The bytes of one bundle, all checked but for the network's behaviour.
#[derive(Debug, Clone)]
pub struct Bundle {
    manifest: Manifest,
    taxonomy: Arc<Taxonomy>,
    golden: Arc<Golden>,
    reasons: Arc<Catalogues>,
    network: Arc<[u8]>,
    validation: Option<Arc<Validation>>,
    backend: &'static dyn Backend,
}

impl Bundle {
    /// Reads the bundle in `directory`.
    ///
    /// # Errors
    /// [`BundleError`] names the first file at fault.
    pub fn read(directory: &Path) -> Result<Self, BundleError> {
        let manifest = Manifest::parse(&read(directory, MANIFEST)?)?;
        let backend = manifest.backend();
        let network_file = backend.network_file();
        // Files that are only for people are checked too, but not kept.
        for (file, checksum) in &manifest.files {
            let is_kept = [network_file, TAXONOMY, GOLDEN, VALIDATION].contains(&file.as_str());
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
        let taxonomy = Arc::new(taxonomy);
        let declaration = manifest.declaration().clone();
        let encoder = Encoder::with_inputs(taxonomy.clone(), declaration, Limits::default());
        golden.check_encoding(&encoder)?;
        let network = checked(network_file)?.into();
        let validation = read_validation(directory, &manifest)?;
        Ok(Self {
            manifest,
            taxonomy,
            golden: Arc::new(golden),
            reasons: Arc::new(reasons),
            network,
            validation,
            backend,
        })
    }

    /// The bundle's description of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the network's file, such as `model.pt`, in lower-case hex.
    #[must_use]
    pub fn network_sha256(&self) -> &str {
        &self.manifest.files[self.backend.network_file()]
    }

    /// SHA-256 over the taxonomy and the declaration of what the network reads, in lower-case hex.
    ///
    /// # Errors
    /// When the declaration cannot be written.
    pub(crate) fn encoding_sha256(&self) -> Result<String, BundleError> {
        let declaration = self.manifest.declaration();
        let read = (
            &self.manifest.files[TAXONOMY],
            declaration.sequence_document(),
            declaration.fields_document(),
            declaration.inputs_document(),
        );
        let text = serde_json::to_vec(&read).map_err(BundleError::Declaration)?;
        Ok(hex::encode(Sha256::digest(text)))
    }

    /// The runtime for the bundle's network.
    pub(crate) fn backend(&self) -> &'static dyn Backend {
        self.backend
    }

    pub(crate) fn taxonomy(&self) -> &Arc<Taxonomy> {
        &self.taxonomy
    }

    pub(crate) fn golden(&self) -> &Arc<Golden> {
        &self.golden
    }

    pub(crate) fn reasons(&self) -> &Arc<Catalogues> {
        &self.reasons
    }

    pub(crate) fn validation(&self) -> Option<&Arc<Validation>> {
        self.validation.as_ref()
    }

    pub(crate) fn network(&self) -> &Arc<[u8]> {
        &self.network
    }
}

/// The table of how explanations fare, if the manifest lists one and it is of this network.
fn read_validation(
    directory: &Path,
    manifest: &Manifest,
) -> Result<Option<Arc<Validation>>, BundleError> {
    let Some(checksum) = manifest.files.get(VALIDATION) else {
        return Ok(None);
    };
    let validation = Validation::parse(&read_checked(directory, VALIDATION, checksum)?)?;
    let network = &manifest.files[manifest.backend().network_file()];
    if validation.network_sha256 != *network {
        tracing::warn!(
            model = manifest.name,
            version = manifest.version,
            "validation.json is of another network: the explanations of this one are not validated"
        );
        return Ok(None);
    }
    Ok(Some(Arc::new(validation)))
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
