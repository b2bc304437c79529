//! Inputs of a build besides the histories: read and checked against each other before the first history.

use std::fs::File;
use std::sync::Arc;

use super::comparator::Comparator;
use super::config::{BuildConfig, Comparison};
use super::input_error::{InputError, bytes, read_fault, text};
use super::main_network::MainNetwork;
use super::relations::{Relation, read_relations};
use microseg_history::Taxonomy;
use microseg_model::Outline;

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
