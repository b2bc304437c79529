//! Inputs of a build besides the histories: read and checked against each other before the first history.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::comparator::Comparator;
use super::config::{BuildConfig, Comparison};
use super::description::DescriptionError;
use super::main_network::MainNetwork;
use super::relations::{Relation, RelationsError, read_relations};
use microseg_history::{Taxonomy, TaxonomyError};
use microseg_model::{ManifestError, Outline};
use microseg_runtime::NetworkError;

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
    /// The description of the network does not parse.
    #[error("{}: {source}", file.display())]
    Description {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: DescriptionError,
    },
    /// What the description declares does not hold together.
    #[error("{}: {source}", file.display())]
    Declaration {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
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
    pub(super) main: MainNetwork,
    pub(super) taxonomy: Arc<Taxonomy>,
    pub(super) taxonomy_text: String,
    pub(super) golden: Option<Vec<u8>>,
    pub(super) card: String,
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
        let names = taxonomy.classes().iter().map(|class| class.id.clone());
        let names: Vec<String> = names.collect();
        let version = config.version.to_string();
        let outline = |outputs| Outline {
            name: &config.name,
            version: &version,
            classes: &names,
            outputs,
        };
        // Names are checked before anything is loaded.
        let unnamed = [String::from("output")];
        outline(&unnamed).check()?;
        check_labels(&config.comparisons)?;
        let main = MainNetwork::load(&config.network, &taxonomy, &names)?;
        outline(&main.outputs).check()?;
        let comparators = config.comparisons.iter().map(|one| main.comparator(one));
        let comparators = comparators.collect::<Result<_, _>>()?;
        let relations = match &config.relations {
            Some(file) => {
                let source = File::open(file).map_err(read_fault(file))?;
                let relations = read_relations(source, &taxonomy, &main.outputs);
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
            main,
            taxonomy: Arc::new(taxonomy),
            taxonomy_text,
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

pub(super) fn read_fault(file: &Path) -> impl FnOnce(std::io::Error) -> InputError {
    move |source| InputError::Read {
        file: file.to_owned(),
        source,
    }
}

pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, InputError> {
    std::fs::read(file).map_err(read_fault(file))
}

fn text(file: &Path) -> Result<String, InputError> {
    std::fs::read_to_string(file).map_err(read_fault(file))
}
