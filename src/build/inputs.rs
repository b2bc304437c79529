//! Inputs of a build besides the histories: read and checked against each other before the first history.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::comparator::Comparator;
use super::config::{BuildConfig, Comparison};
use super::relations::{Relation, RelationsError, read_relations};
use microseg_history::{Taxonomy, TaxonomyError};
use microseg_model::{ManifestError, NetworkDocument, NetworkOutline, Outline, SharesDocument};
use microseg_runtime::{Backend, KnownSizes, Network, NetworkError, backend_for_file};

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

/// Everything but the histories, read and checked.
pub(super) struct BuildInputs {
    pub(super) config: BuildConfig,
    pub(super) backend: &'static dyn Backend,
    /// What the manifest will say of the network.
    pub(super) document: NetworkDocument,
    /// The same, checked.
    pub(super) described: NetworkOutline,
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

impl BuildInputs {
    /// Reads every file that the configuration names.
    pub(super) fn read(config: BuildConfig) -> Result<Self, InputError> {
        let taxonomy_text = text(&config.taxonomy)?;
        let taxonomy =
            Taxonomy::from_csv(&taxonomy_text).map_err(|source| InputError::Taxonomy {
                file: config.taxonomy.clone(),
                source,
            })?;
        let classes = taxonomy.classes().len();
        let names: Vec<String> = taxonomy
            .classes()
            .iter()
            .map(|class| class.id.clone())
            .collect();
        let version = config.version.to_string();
        let outline = |outputs| Outline {
            name: &config.name,
            version: &version,
            classes: &names,
            outputs,
        };
        let shares = |layers, hidden_size| {
            NetworkDocument::Shares(SharesDocument {
                period: config.period,
                window: config.window,
                layers,
                hidden_size,
            })
        };
        // The sizes are checked before anything of that size is allocated.
        let unnamed = [String::from("output")];
        outline(&unnamed).check()?;
        let (layers, hidden_size) = (config.layers.unwrap_or(1), config.hidden_size.unwrap_or(1));
        NetworkOutline::new(&shares(layers, hidden_size), &names, 1)?;
        check_labels(&config.comparisons)?;

        let network_bytes = bytes(&config.network)?;
        let backend = backend_for_file(&config.network);
        let known = KnownSizes {
            layers: config.layers,
            hidden_size: config.hidden_size,
        };
        let network = backend.discover(&network_bytes, classes, known);
        let network = network.map_err(network_fault(&config.network))?;
        let shape = network.shape();
        let outputs = output_names(&config, &taxonomy, shape.outputs)?;
        outline(&outputs).check()?;
        let document = shares(shape.layers(), shape.hidden_size);
        let described = NetworkOutline::new(&document, &names, shape.outputs)?;
        network
            .check_signature(config.window)
            .map_err(network_fault(&config.network))?;

        let mut comparators = Vec::new();
        for Comparison { label, file } in &config.comparisons {
            let other = bytes(file)?;
            // A network without an LSTM module takes any sizes: it is tried with those of the main network.
            let known = KnownSizes {
                layers: Some(shape.layers()),
                hidden_size: Some(shape.hidden_size),
            };
            let backend = backend_for_file(file);
            let other = backend
                .discover(&other, classes, KnownSizes::default())
                .or_else(|_| backend.discover(&other, classes, known))
                .and_then(|network| network.check_signature(config.window).map(|()| network));
            comparators.push(Comparator {
                label: label.clone(),
                file: file.clone(),
                network: other.map_err(network_fault(file))?,
            });
        }
        let relations = match &config.relations {
            Some(file) => {
                let source = File::open(file).map_err(read_fault(file))?;
                let relations = read_relations(source, &taxonomy, &outputs);
                Some(relations.map_err(|source| InputError::Relations {
                    file: file.clone(),
                    source,
                })?)
            }
            None => None,
        };
        Ok(Self {
            golden: config.golden.as_deref().map(bytes).transpose()?,
            card: match &config.card {
                Some(file) => text(file)?,
                None => default_card(&config.name, config.version),
            },
            backend,
            document,
            described,
            network,
            network_bytes,
            taxonomy: Arc::new(taxonomy),
            taxonomy_text,
            outputs,
            comparators,
            relations,
            config,
        })
    }
}

/// The text of a card for a network that came without one.
fn default_card(name: &str, version: u32) -> String {
    format!(
        "# {name}, version {version}\n\nNobody has written yet what this model is for, what it learnt from and where its limits are: do so \
         above the tables.\n"
    )
}

fn output_names(
    config: &BuildConfig,
    taxonomy: &Taxonomy,
    outputs: usize,
) -> Result<Vec<String>, InputError> {
    match config.outputs.len() {
        0 if taxonomy.traits().len() == outputs => Ok(taxonomy.traits().to_vec()),
        0 => Ok((0..outputs)
            .map(|output| format!("output_{output}"))
            .collect()),
        names if names == outputs => Ok(config.outputs.clone()),
        names => Err(InputError::Outputs { outputs, names }),
    }
}

fn check_labels(comparisons: &[Comparison]) -> Result<(), InputError> {
    let mut taken = vec!["states", "traits"];
    for Comparison { label, .. } in comparisons {
        if taken.contains(&label.as_str()) || label.contains(['|', '\n']) {
            return Err(InputError::Label(label.clone()));
        }
        taken.push(label);
    }
    Ok(())
}

fn network_fault(file: &Path) -> impl FnOnce(NetworkError) -> InputError {
    move |source| InputError::Network {
        file: file.to_owned(),
        source,
    }
}

fn read_fault(file: &Path) -> impl FnOnce(std::io::Error) -> InputError {
    move |source| InputError::Read {
        file: file.to_owned(),
        source,
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, InputError> {
    std::fs::read(file).map_err(read_fault(file))
}

fn text(file: &Path) -> Result<String, InputError> {
    std::fs::read_to_string(file).map_err(read_fault(file))
}
