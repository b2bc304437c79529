//! What a bundle is made of: named by the caller, read and held against each other before the first history.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::recovery::{Relation, RelationsError, read_relations};
use super::survey::Comparator;
use super::{BuildError, card};
use microseg_encoding::PeriodKind;
use microseg_history::{Taxonomy, TaxonomyError};
use microseg_model::{ManifestError, Outline};
use microseg_runtime::{Backend, KnownSizes, Network, NetworkError, backend_for_file};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The model's name: a-z, 0-9 and hyphens, at most 64.
    pub name: String,
    /// The version.
    pub version: u32,
    /// The folder of models that the bundle goes into, as `<name>/<version>`.
    pub models: PathBuf,
    /// Whether a bundle in that place is replaced.
    pub replace: bool,
    /// The TorchScript network.
    pub network: PathBuf,
    /// The classes.
    pub taxonomy: PathBuf,
    /// The golden cases; made from the network when there are none.
    pub golden: Option<PathBuf>,
    /// The text above the tables of the model card.
    pub card: Option<PathBuf>,
    /// How long one step of the network is.
    pub period: PeriodKind,
    /// How many periods the model looks back, at least 1.
    pub window: usize,
    /// The names of the outputs; the taxonomy's traits, where there are as many, or numbers when none are given.
    pub outputs: Vec<String>,
    /// The layers of the LSTM, where its parameters do not tell.
    pub layers: Option<usize>,
    /// The dimensions of its state, where its parameters do not tell.
    pub hidden_size: Option<usize>,
    /// Other networks whose states are clustered for comparison.
    pub comparisons: Vec<Comparison>,
    /// Planted co-spending to look for, as CSV: class, output, expected.
    pub relations: Option<PathBuf>,
    /// Where the network comes from.
    pub provenance: serde_json::Map<String, serde_json::Value>,
    /// The seed of samples, resampled populations and starts.
    pub seed: u64,
}

/// A network to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What to call its states.
    pub label: String,
    /// Its TorchScript.
    pub file: PathBuf,
}

/// Why a recipe cannot be followed; every message begins with the file at fault.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// A file cannot be read.
    #[error("{}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
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
    /// A comparison cannot be told from another row of the table.
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

/// Everything but the histories, read and checked.
pub(super) struct Ingredients {
    pub(super) recipe: Recipe,
    pub(super) backend: &'static dyn Backend,
    pub(super) network: Box<dyn Network>,
    pub(super) network_bytes: Vec<u8>,
    pub(super) taxonomy: Arc<Taxonomy>,
    pub(super) taxonomy_text: String,
    pub(super) golden: Option<Vec<u8>>,
    pub(super) card: String,
    pub(super) outputs: Vec<String>,
    pub(super) comparators: Vec<Comparator>,
    pub(super) relations: Option<Vec<Relation>>,
}

impl Recipe {
    /// Where the bundle goes.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        self.models.join(&self.name).join(self.version.to_string())
    }
}

impl Ingredients {
    /// An error of the main network.
    pub(super) fn network_fault(&self, source: NetworkError) -> BuildError {
        BuildError::Network {
            file: self.recipe.network.clone(),
            source,
        }
    }

    pub(super) fn read(recipe: Recipe) -> Result<Self, RecipeError> {
        let taxonomy_text = text(&recipe.taxonomy)?;
        let taxonomy =
            Taxonomy::from_csv(&taxonomy_text).map_err(|source| RecipeError::Taxonomy {
                file: recipe.taxonomy.clone(),
                source,
            })?;
        let classes = taxonomy.classes().len();
        let names: Vec<String> = taxonomy
            .classes()
            .iter()
            .map(|class| class.id.clone())
            .collect();
        let version = recipe.version.to_string();
        let outline = |layers, hidden_size, outputs| Outline {
            name: &recipe.name,
            version: &version,
            classes: &names,
            window: recipe.window,
            layers,
            hidden_size,
            outputs,
        };
        // What was asked for must be possible before anything of that size is allocated.
        let unnamed = [String::from("output")];
        let (layers, hidden_size) = (recipe.layers.unwrap_or(1), recipe.hidden_size.unwrap_or(1));
        outline(layers, hidden_size, &unnamed).check()?;
        check_labels(&recipe.comparisons)?;

        let network_bytes = bytes(&recipe.network)?;
        let backend = backend_for_file(&recipe.network);
        let known = KnownSizes {
            layers: recipe.layers,
            hidden_size: recipe.hidden_size,
        };
        let network = backend.discover(&network_bytes, classes, known);
        let network = network.map_err(network_fault(&recipe.network))?;
        let shape = network.shape();
        let outputs = output_names(&recipe, &taxonomy, shape.outputs)?;
        outline(shape.layers, shape.hidden_size, &outputs).check()?;
        network
            .check_signature(recipe.window)
            .map_err(network_fault(&recipe.network))?;

        let mut comparators = Vec::new();
        for Comparison { label, file } in &recipe.comparisons {
            let other = bytes(file)?;
            // A network without an LSTM has sizes of its own choice: it is asked to take the main network's.
            let known = KnownSizes {
                layers: Some(shape.layers),
                hidden_size: Some(shape.hidden_size),
            };
            let backend = backend_for_file(file);
            let other = backend
                .discover(&other, classes, KnownSizes::default())
                .or_else(|_| backend.discover(&other, classes, known))
                .and_then(|network| network.check_signature(recipe.window).map(|()| network));
            comparators.push(Comparator {
                label: label.clone(),
                file: file.clone(),
                network: other.map_err(network_fault(file))?,
            });
        }
        let relations = match &recipe.relations {
            Some(file) => {
                let source = File::open(file).map_err(read_fault(file))?;
                let relations = read_relations(source, &taxonomy, &outputs);
                Some(relations.map_err(|source| RecipeError::Relations {
                    file: file.clone(),
                    source,
                })?)
            }
            None => None,
        };
        Ok(Self {
            golden: recipe.golden.as_deref().map(bytes).transpose()?,
            card: match &recipe.card {
                Some(file) => text(file)?,
                None => card::default_text(&recipe.name, &recipe.version.to_string()),
            },
            backend,
            network,
            network_bytes,
            taxonomy: Arc::new(taxonomy),
            taxonomy_text,
            outputs,
            comparators,
            relations,
            recipe,
        })
    }
}

fn output_names(
    recipe: &Recipe,
    taxonomy: &Taxonomy,
    outputs: usize,
) -> Result<Vec<String>, RecipeError> {
    match recipe.outputs.len() {
        0 if taxonomy.traits().len() == outputs => Ok(taxonomy.traits().to_vec()),
        0 => Ok((0..outputs)
            .map(|output| format!("output_{output}"))
            .collect()),
        names if names == outputs => Ok(recipe.outputs.clone()),
        names => Err(RecipeError::Outputs { outputs, names }),
    }
}

fn check_labels(comparisons: &[Comparison]) -> Result<(), RecipeError> {
    let mut taken = vec!["states", "traits"];
    for Comparison { label, .. } in comparisons {
        if taken.contains(&label.as_str()) || label.contains(['|', '\n']) {
            return Err(RecipeError::Label(label.clone()));
        }
        taken.push(label);
    }
    Ok(())
}

fn network_fault(file: &Path) -> impl FnOnce(NetworkError) -> RecipeError {
    move |source| RecipeError::Network {
        file: file.to_owned(),
        source,
    }
}

fn read_fault(file: &Path) -> impl FnOnce(std::io::Error) -> RecipeError {
    move |source| RecipeError::Read {
        file: file.to_owned(),
        source,
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, RecipeError> {
    std::fs::read(file).map_err(read_fault(file))
}

fn text(file: &Path) -> Result<String, RecipeError> {
    std::fs::read_to_string(file).map_err(read_fault(file))
}
