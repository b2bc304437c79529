//! From a network and a population of histories to a bundle: everything that does not need PyTorch.
//!
//! [`Builder::build`] passes over the histories once and keeps sums and bounded samples; from them it derives the
//! population's numbers, the micro-segments, the global surrogate and the attractors, and writes the bundle.

mod attractors;
mod card;
mod clusters;
mod derive;
mod folder;
mod golden;
mod hierarchy;
mod labels;
mod moments;
mod publish;
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

use microseg_encoding::{Encoder, History};
use microseg_history::Limits;
use microseg_model::{LoadError, ManifestError};
use microseg_runtime::NetworkError;
use microseg_space::SpaceError;

pub use recipe::{Comparison, Recipe, RecipeError};
pub use recovery::RelationsError;

use derive::derive;
use publish::publish;
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
    /// The English catalogue of reasons cannot be written as JSON; a fault of this program.
    #[error("reasons/en.json: {0}")]
    Reasons(serde_json::Error),
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
            &*self.ingredients.network,
            &recipe.network,
            &self.ingredients.comparators,
            recipe.window,
            recipe.seed,
        );
        for history in histories {
            survey.add(&history?)?;
        }
        let findings = survey.finish()?;
        let derived = derive(&self.ingredients, findings, progress)?;
        progress.set_message("checking the bundle");
        Ok(publish(&self.ingredients, derived, self.encoder.limits())?)
    }
}
