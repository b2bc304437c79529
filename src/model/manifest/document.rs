//! `manifest.json` as it stands in its file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use microseg_encoding::PeriodKind;
use microseg_space::{AttractorsDocument, Population, SegmentsDocument, SurrogateDocument};

/// The form of the manifests that this program reads and writes.
pub(super) const SCHEMA_VERSION: u32 = 2;

/// The member that manifests of every form have.
#[derive(Deserialize)]
pub(super) struct Version {
    pub(super) schema_version: u32,
}

/// A manifest as it stands in its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// The form of this document.
    pub schema_version: u32,
    /// The model's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256 of every file but this one.
    pub files: BTreeMap<String, String>,
    /// The classes in the order of the network's input.
    pub classes: Vec<String>,
    /// How long one step is.
    pub period: PeriodKind,
    /// How many periods.
    pub window: usize,
    /// LSTM layers.
    pub layers: usize,
    /// The dimensions of the state.
    pub hidden_size: usize,
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
    pub provenance: serde_json::Map<String, serde_json::Value>,
}
