//! `manifest.json`: a bundle's description of itself, read into a form that cannot contradict itself.

mod document;
mod error;
pub mod files;
mod names;
mod network;
mod outline;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;
use std::sync::Arc;

use files::{backend_of, check_files};
use microseg_encoding::{InputDeclaration, PeriodKind};
use microseg_runtime::Backend;
use microseg_space::{Shape, StateSpace};
use versions::VERSIONS;

pub use document::{
    DeclaredDocument, ManifestDocument, NetworkDocument, SharesDocument, StateDocument,
};
pub use error::ManifestError;
pub use names::is_model_name;
pub(crate) use names::parse_version;
pub use network::NetworkOutline;
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
    /// The classes of the taxonomy, in their order.
    pub classes: Vec<String>,
    /// The names of the network's outputs.
    pub outputs: Vec<String>,
    /// The tables that were derived from a population of customers.
    pub space: Arc<StateSpace>,
    /// The origin of the bundle, in its maker's own members.
    pub provenance: serde_json::Map<String, serde_json::Value>,
    network: NetworkOutline,
}

impl Manifest {
    /// The forms of the manifests that this program reads, oldest first.
    pub const SCHEMA_VERSIONS: [u32; 2] = VERSIONS;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] names the first member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let document = ManifestDocument::parse(bytes)?;
        Outline {
            name: &document.name,
            version: &document.version,
            classes: &document.classes,
            outputs: &document.outputs,
        }
        .check()?;
        check_files(&document.files)?;
        let (classes, outputs) = (&document.classes, document.outputs.len());
        let network = NetworkOutline::new(&document.network, classes, outputs)?;
        let space = StateSpace::new(
            document.population,
            document.segments,
            document.attractors,
            document.surrogate,
            classes.len(),
            &network.shape,
        )?;
        Ok(Self {
            space: Arc::new(space),
            name: document.name,
            version: document.version,
            files: document.files,
            classes: document.classes,
            outputs: document.outputs,
            provenance: document.provenance,
            network,
        })
    }

    /// What the network reads at each step.
    #[must_use]
    pub fn declaration(&self) -> &Arc<InputDeclaration> {
        &self.network.declaration
    }

    /// The sizes of the network's input, its recurrent state and its outputs.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.network.shape
    }

    /// Whether the manifest declares what its network reads and carries, as those of schema 3 do.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.network.is_declared
    }

    /// The dimensions of a state, H.
    #[must_use]
    pub fn hidden_size(&self) -> usize {
        self.network.shape.hidden_size
    }

    /// The most steps of a sequence; `None` where the window of events is a span of time alone.
    #[must_use]
    pub fn most_steps(&self) -> Option<usize> {
        self.network.most_steps()
    }

    /// How long the periods of answers are: the steps, or months where steps are events.
    #[must_use]
    pub fn period(&self) -> PeriodKind {
        self.network.declaration.period()
    }

    /// The runtime for the bundle's network: the one whose file is in `files`.
    #[must_use]
    pub fn backend(&self) -> &'static dyn Backend {
        backend_of(&self.files)
    }
}
