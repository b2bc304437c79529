//! `manifest.json`: a bundle's description of itself, read into a form that cannot contradict itself.

mod document;
mod error;
pub mod files;
mod names;
mod outline;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use document::{SCHEMA_VERSION, Version};
use files::{backend_of, check_files};
use microseg_encoding::PeriodKind;
use microseg_runtime::Backend;
use microseg_space::{Shape, StateSpace};

pub use document::ManifestDocument;
pub use error::ManifestError;
pub(crate) use names::{is_model_name, parse_version};
pub use outline::Outline;

/// A bundle's checked description of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The model's name: a-z, 0-9 and hyphens, at most 64.
    pub name: String,
    /// The version: a whole number, as text.
    pub version: String,
    /// SHA-256 of every file of the bundle, in lower-case hex, by plain file name or `reasons/<language>.json`.
    pub files: BTreeMap<String, String>,
    /// The classes in the order of the network's input.
    pub classes: Vec<String>,
    /// How long one step of the network is.
    pub period: PeriodKind,
    /// How many periods the network looks back, 1 to 1,200.
    pub window: usize,
    /// LSTM layers, 1 to 16.
    pub layers: usize,
    /// The dimensions of the state, 1 to 4,096.
    pub hidden_size: usize,
    /// The names of the network's outputs.
    pub outputs: Vec<String>,
    /// The tables that were derived from a population of customers.
    pub space: Arc<StateSpace>,
    /// The origin of the bundle, in its maker's own members.
    pub provenance: serde_json::Map<String, serde_json::Value>,
}

impl Manifest {
    /// The form of the manifests that this program reads and writes.
    pub const SCHEMA_VERSION: u32 = SCHEMA_VERSION;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] names the first member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        // A manifest for another program has other members: the error must name its version, not them.
        let Version { schema_version } = serde_json::from_slice(bytes)?;
        if schema_version != Self::SCHEMA_VERSION {
            return Err(ManifestError::SchemaVersion(schema_version));
        }
        let document: ManifestDocument = serde_json::from_slice(bytes)?;
        Outline {
            name: &document.name,
            version: &document.version,
            classes: &document.classes,
            window: document.window,
            layers: document.layers,
            hidden_size: document.hidden_size,
            outputs: &document.outputs,
        }
        .check()?;
        check_files(&document.files)?;
        let shape = Shape::lstm(
            document.classes.len(),
            document.layers,
            document.hidden_size,
            document.outputs.len(),
        );
        let space = StateSpace::new(
            document.population,
            document.segments,
            document.attractors,
            document.surrogate,
            &shape,
        )?;
        Ok(Self {
            space: Arc::new(space),
            name: document.name,
            version: document.version,
            files: document.files,
            classes: document.classes,
            period: document.period,
            window: document.window,
            layers: document.layers,
            hidden_size: document.hidden_size,
            outputs: document.outputs,
            provenance: document.provenance,
        })
    }

    /// The sizes of the network's input and outputs.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::lstm(
            self.classes.len(),
            self.layers,
            self.hidden_size,
            self.outputs.len(),
        )
    }

    /// The runtime for the bundle's network: the one whose file is in `files`.
    #[must_use]
    pub fn backend(&self) -> &'static dyn Backend {
        backend_of(&self.files)
    }
}
