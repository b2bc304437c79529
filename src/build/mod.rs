//! From a network and a population of histories to a bundle: everything that does not need PyTorch.
//!
//! One pass over the histories ([`Builder::add`]) keeps sums and bounded samples; [`Builder::finish`] derives from
//! them the population's numbers, the micro-segments, the global surrogate and the attractors, and writes the bundle.

mod attractors;
mod card;
mod clusters;
mod folder;
mod golden;
mod hierarchy;
mod labels;
mod moments;
mod rand_index;
mod recipe;
mod recovery;
mod regression;
mod sample;
mod segments;
mod surrogate;
mod survey;

use std::path::PathBuf;

use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};

use crate::history::{Encoder, History, Limits};
use crate::model::{
    Capacity, LoadError, Manifest, ManifestDocument, ManifestError, Model, NetworkError, files,
};
use crate::space::{GlobalSurrogate, Population, SpaceError};

pub use recipe::{Comparison, Recipe, RecipeError};
pub use recovery::RelationsError;

use attractors::Held;
use folder::Stage;
use recipe::Ingredients;
use survey::Survey;

/// Fewer customers than this say nothing about a population.
const FEWEST_CUSTOMERS: u64 = 50;

/// Predictors of the surrogate, at most: their normal equations are held, and solved at the cost of their cube.
const MOST_PREDICTORS: usize = 4_096;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// What the bundle is to be made of does not fit together.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The network could not be run.
    #[error("{file}: {source}")]
    Network {
        /// The network's file.
        file: PathBuf,
        /// What went wrong.
        source: NetworkError,
    },
    /// The surrogate would be too large.
    #[error(
        "classes and state have {0} numbers together, the global surrogate takes at most {MOST_PREDICTORS}"
    )]
    Predictors(usize),
    /// Too few histories.
    #[error("the histories hold {0} customers, expected at least {FEWEST_CUSTOMERS}")]
    Customers(u64),
    /// The tables do not hold together; a fault of this program.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// The manifest does not hold together.
    #[error("manifest.json: {0}")]
    Manifest(#[from] ManifestError),
    /// The finished bundle does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The bundle's place is taken.
    #[error("{} is there already: --replace replaces it", .0.display())]
    Exists(PathBuf),
    /// The disk refuses.
    #[error("{}: {source}", folder.display())]
    Write {
        /// The bundle's folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tables cannot be written as JSON; a fault of this program.
    #[error("manifest.json: {0}")]
    Json(#[from] serde_json::Error),
}

/// A bundle in the making.
pub struct Builder {
    ingredients: Ingredients,
    encoder: Encoder,
}

impl Builder {
    /// Reads everything but the histories.
    ///
    /// # Errors
    /// [`BuildError`] names the file that does not fit.
    pub fn new(recipe: Recipe, limits: Limits) -> Result<Self, BuildError> {
        let place = recipe.place();
        if place.exists() && !recipe.replace {
            return Err(BuildError::Exists(place));
        }
        let ingredients = Ingredients::read(recipe)?;
        let shape = ingredients.network.shape();
        let predictors = shape.classes + shape.hidden_size + 1;
        if predictors > MOST_PREDICTORS {
            return Err(BuildError::Predictors(predictors));
        }
        let recipe = &ingredients.recipe;
        let encoder = Encoder::new(
            ingredients.taxonomy.clone(),
            recipe.period,
            recipe.window,
            limits,
        );
        Ok(Self {
            ingredients,
            encoder,
        })
    }

    /// Turns histories into totals, as the finished model will.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Runs every history through the network, derives the tables, writes and checks the bundle; returns where it is.
    ///
    /// # Errors
    /// The first error of `histories`, or [`BuildError`]. Whatever stood in the bundle's place is still there then.
    pub fn build<E: From<BuildError>>(
        &self,
        histories: impl Iterator<Item = Result<History, E>>,
        progress: &ProgressBar,
    ) -> Result<PathBuf, E> {
        let recipe = &self.ingredients.recipe;
        let mut survey = Survey::new(
            &self.ingredients.network,
            &self.ingredients.comparators,
            recipe.window,
            recipe.seed,
        );
        for history in histories {
            survey
                .add(&history?)
                .map_err(|source| self.network(source))?;
        }
        let findings = survey.finish().map_err(|source| self.network(source))?;
        Ok(self.write(findings, progress)?)
    }

    fn network(&self, source: NetworkError) -> BuildError {
        BuildError::Network {
            file: self.ingredients.recipe.network.clone(),
            source,
        }
    }

    fn write(
        &self,
        mut findings: survey::Findings,
        progress: &ProgressBar,
    ) -> Result<PathBuf, BuildError> {
        let Ingredients {
            recipe,
            network,
            taxonomy,
            outputs,
            relations,
            ..
        } = &self.ingredients;
        let customers = findings.fitted + findings.held_out;
        if customers < FEWEST_CUSTOMERS {
            return Err(BuildError::Customers(customers));
        }
        let population = Population {
            customers,
            periods: findings.periods,
            transactions: findings.transactions,
            shares: findings.shares.spread(),
            states: findings.states.spread(),
            final_states: findings.final_states.spread(),
            outputs: findings.outputs.spread(),
            final_outputs: findings.final_outputs.spread(),
        };
        let shape = network.shape();
        let journeys = findings.journeys.take();
        progress.set_message("fitting the global surrogate");
        let mut fitted = surrogate::fit(&findings, &journeys, shape)?;
        fitted.recovery.rule = recovery::of_rule(&fitted, taxonomy, outputs);
        fitted.recovery.relations = relations.as_ref().and_then(|relations| {
            let shares = &population.shares;
            recovery::of_relations(&fitted, relations, taxonomy, outputs, shares, recipe.seed)
        });

        progress.set_message("finding micro-segments");
        let endings = findings.endings.into_items();
        let labels: Vec<&str> = self
            .ingredients
            .comparators
            .iter()
            .map(|one| one.label.as_str())
            .collect();
        let found = segments::find(&endings, &labels, &population, outputs, recipe.seed);

        progress.set_message("looking for attractors");
        let global = GlobalSurrogate::new(fitted, shape)?;
        let held = held_profiles(&endings, &found);
        let attractors = attractors::search(
            network,
            held,
            &endings,
            &global,
            &population,
            outputs,
            recipe.seed,
            progress,
        )
        .map_err(|source| self.network(source))?;

        let mut text = self.ingredients.card.clone();
        text.push_str(&card::sections(&card::Tables {
            outputs,
            population: &population,
            segments: &found.document,
            attractors: &attractors,
            surrogate: global.document(),
        }));
        let (golden, golden_from) = match &self.ingredients.golden {
            Some(golden) => (golden.clone(), "given with the network"),
            None => {
                let made =
                    golden::make(network, &journeys).map_err(|source| self.network(source))?;
                (made, "made by model build with its own libtorch")
            }
        };
        let contents: [(&str, &[u8]); 4] = [
            (files::NETWORK, &self.ingredients.network_bytes),
            (files::TAXONOMY, self.ingredients.taxonomy_text.as_bytes()),
            (files::GOLDEN, &golden),
            (files::CARD, text.as_bytes()),
        ];
        let mut provenance = recipe.provenance.clone();
        provenance.insert("created_by".to_owned(), "microseg model build".into());
        provenance.insert("seed".to_owned(), recipe.seed.into());
        provenance.insert("golden_cases".to_owned(), golden_from.into());
        let document = ManifestDocument {
            schema_version: Manifest::SCHEMA_VERSION,
            name: recipe.name.clone(),
            version: recipe.version.to_string(),
            files: contents
                .iter()
                .map(|(name, bytes)| ((*name).to_owned(), hex::encode(Sha256::digest(bytes))))
                .collect(),
            classes: taxonomy
                .classes()
                .iter()
                .map(|class| class.id.clone())
                .collect(),
            period: recipe.period,
            window: recipe.window,
            layers: shape.layers,
            hidden_size: shape.hidden_size,
            outputs: outputs.clone(),
            population,
            segments: found.document,
            attractors,
            surrogate: global.document().clone(),
            provenance,
        };
        let mut manifest = serde_json::to_vec_pretty(&document)?;
        manifest.push(b'\n');
        Manifest::parse(&manifest)?;

        progress.set_message("checking the bundle");
        self.settle(&contents, &manifest)
    }

    fn settle(&self, contents: &[(&str, &[u8])], manifest: &[u8]) -> Result<PathBuf, BuildError> {
        let place = self.ingredients.recipe.place();
        let fault = |source| BuildError::Write {
            folder: place.clone(),
            source,
        };
        let stage = Stage::open(&place).map_err(fault)?;
        for (name, bytes) in contents {
            stage.write(name, bytes).map_err(fault)?;
        }
        stage.write(files::MANIFEST, manifest).map_err(fault)?;
        // Nothing takes the place of a bundle before it has loaded.
        Model::load(
            stage.folder(),
            Capacity {
                threads: 1,
                queue: 1,
                limits: self.encoder.limits(),
            },
        )?;
        stage.settle().map_err(fault)?;
        Ok(place)
    }
}

/// The mean last profile of everybody, and of each leaf.
fn held_profiles(endings: &[survey::Ending], segments: &segments::Found) -> Vec<Held> {
    let mean = |members: &mut dyn Iterator<Item = &survey::Ending>| {
        let mut sums: Vec<f64> = Vec::new();
        for ending in members {
            sums.resize(ending.profile.len(), 0.0);
            let shares = ending.profile.iter().copied().map(f64::from);
            sums.iter_mut()
                .zip(shares)
                .for_each(|(sum, share)| *sum += share);
        }
        let total: f64 = sums.iter().sum();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network takes 32-bit floats"
        )]
        let shares = sums
            .iter()
            .map(|sum| (sum / total.max(f64::MIN_POSITIVE)) as f32);
        shares.collect::<Vec<f32>>()
    };
    let mut held = vec![Held {
        name: "population".to_owned(),
        profile: mean(&mut endings.iter()),
    }];
    for (leaf, id) in segments.leaf_ids.iter().enumerate() {
        let members = endings.iter().zip(&segments.leaf_of_ending);
        let mut members = members
            .filter(|(_, of)| **of == leaf)
            .map(|(ending, _)| ending)
            .peekable();
        if members.peek().is_some() {
            held.push(Held {
                name: id.clone(),
                profile: mean(&mut members),
            });
        }
    }
    held
}
