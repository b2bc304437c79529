//! Configuration of a build: the files and the sizes that a caller names.

use std::path::PathBuf;

use microseg_encoding::PeriodKind;

/// The options of `microseg model build`.
#[derive(Debug, Clone)]
pub struct BuildConfig {
    /// The model's name: a-z, 0-9 and hyphens, at most 64.
    pub name: String,
    /// The version.
    pub version: u32,
    /// The folder of models that the bundle goes into, as `<name>/<version>`.
    pub models: PathBuf,
    /// Whether a bundle that is there is replaced.
    pub replace: bool,
    /// The TorchScript network.
    pub network: NetworkSource,
    /// The classes.
    pub taxonomy: PathBuf,
    /// The golden cases; made from the network when there are none.
    pub golden: Option<PathBuf>,
    /// The text above the tables of the model card.
    pub card: Option<PathBuf>,
    /// Other networks whose states are clustered for comparison.
    pub comparisons: Vec<Comparison>,
    /// Planted co-spending to look for, as CSV: class, output, expected.
    pub relations: Option<PathBuf>,
    /// Where the network comes from.
    pub provenance: serde_json::Map<String, serde_json::Value>,
    /// The seed of samples, resampled populations and starts.
    pub seed: u64,
}

/// The network of a build, and what it reads.
#[derive(Debug, Clone)]
pub enum NetworkSource {
    /// An LSTM that reads the shares of spending of periods.
    Shares(SharesNetwork),
    /// A network with a description, `network.json`, which names its file.
    Described(PathBuf),
}

/// An LSTM that reads the shares of spending of periods.
#[derive(Debug, Clone)]
pub struct SharesNetwork {
    /// The TorchScript.
    pub file: PathBuf,
    /// How long one step of the network is.
    pub period: PeriodKind,
    /// How many periods the model looks back, at least 1.
    pub window: usize,
    /// The names of the outputs; the taxonomy's traits, where there are as many, or numbers when none are given.
    pub outputs: Vec<String>,
    /// The layers of the LSTM, where its parameters do not determine them.
    pub layers: Option<usize>,
    /// The dimensions of its state, where its parameters do not determine them.
    pub hidden_size: Option<usize>,
}

/// A network to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The name of its states in the tables.
    pub label: String,
    /// Its TorchScript.
    pub file: PathBuf,
}

impl BuildConfig {
    /// Where the bundle goes.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        self.models.join(&self.name).join(self.version.to_string())
    }
}
