//! `manifest.json` as it stands in its file.

use std::collections::BTreeMap;

use super::error::ManifestError;
use super::versions::{DECLARED_VERSION, SHARES_VERSION, VERSIONS};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use microseg_encoding::{FieldsDocument, InputsDocument, PeriodKind, SequenceDocument};
use microseg_space::{
    AttractorsDocument, Population, SegmentsDocument, StateShape, SurrogateDocument,
};

/// The member that manifests of every form have.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// A manifest as it stands in its file. `N` has the members that differ between the forms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestDocument<N = NetworkDocument> {
    /// The form of this document.
    pub schema_version: u32,
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256 of every file but this one.
    pub files: BTreeMap<String, String>,
    /// The classes of the taxonomy, in their order.
    pub classes: Vec<String>,
    /// What the network reads, and its sizes.
    #[serde(flatten)]
    pub network: N,
    /// The names of the outputs.
    pub outputs: Vec<String>,
    /// The numbers of the population that the tables come from.
    pub population: Population,
    /// The micro-segments.
    pub segments: SegmentsDocument,
    /// The fixed points of the dynamics.
    pub attractors: AttractorsDocument,
    /// The global surrogate.
    pub surrogate: SurrogateDocument,
    /// The origin of the bundle.
    #[serde(default)]
    pub provenance: Map<String, Value>,
}

/// What a network reads, and its sizes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NetworkDocument {
    /// In a manifest of schema 2.
    Shares(SharesDocument),
    /// In a manifest of schema 3.
    Declared(DeclaredDocument),
}

/// An LSTM that reads the share that each class has of a period's spending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharesDocument {
    /// How long one step is.
    pub period: PeriodKind,
    /// How many periods.
    pub window: usize,
    /// LSTM layers.
    pub layers: usize,
    /// The dimensions of the state.
    pub hidden_size: usize,
}

/// A network with a declaration of what it reads and carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredDocument {
    /// What a step is, and how many of them the network reads.
    pub sequence: SequenceDocument,
    /// The members of transactions that it reads beyond those that every transaction has.
    #[serde(default, skip_serializing_if = "FieldsDocument::is_empty")]
    pub fields: FieldsDocument,
    /// The numbers and categories of a step.
    pub inputs: InputsDocument,
    /// The tensors of the recurrent state, in the order of the network's signature.
    pub state: Vec<StateDocument>,
    /// The dimensions of the states that it gives, H.
    pub state_size: usize,
}

/// One tensor of a recurrent state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateDocument {
    /// Its name, such as `h`.
    pub name: String,
    /// L, its layers.
    pub layers: usize,
    /// How many numbers each layer has for a sequence.
    pub size: usize,
}

impl ManifestDocument {
    /// Reads a document of one of [`Manifest::SCHEMA_VERSIONS`](crate::Manifest::SCHEMA_VERSIONS).
    ///
    /// # Errors
    /// [`ManifestError`] when it is no JSON, of another version, or has a member that it must not have.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        // A manifest for another program has other members: the error must name its version, not them.
        let Version { schema_version } = serde_json::from_slice(bytes)?;
        if !VERSIONS.contains(&schema_version) {
            return Err(ManifestError::SchemaVersion(schema_version));
        }
        let document: ManifestDocument<Map<String, Value>> = serde_json::from_slice(bytes)?;
        // What is left of a document is of the network: an unknown member is refused here.
        let network = Value::Object(document.network);
        Ok(Self {
            network: match schema_version {
                DECLARED_VERSION => NetworkDocument::Declared(serde_json::from_value(network)?),
                _ => NetworkDocument::Shares(serde_json::from_value(network)?),
            },
            schema_version: document.schema_version,
            name: document.name,
            version: document.version,
            files: document.files,
            classes: document.classes,
            outputs: document.outputs,
            population: document.population,
            segments: document.segments,
            attractors: document.attractors,
            surrogate: document.surrogate,
            provenance: document.provenance,
        })
    }
}

impl NetworkDocument {
    /// The version of the manifests that have these members.
    #[must_use]
    pub fn schema_version(&self) -> u32 {
        match self {
            Self::Shares(_) => SHARES_VERSION,
            Self::Declared(_) => DECLARED_VERSION,
        }
    }
}

impl From<StateDocument> for StateShape {
    fn from(StateDocument { name, layers, size }: StateDocument) -> Self {
        Self { name, layers, size }
    }
}
