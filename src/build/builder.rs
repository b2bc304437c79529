//! Builder of a bundle: from inputs and histories to files in their place.

use indicatif::ProgressBar;

use super::collector::Collector;
use super::config::BuildConfig;
use super::error::{BuildError, MOST_PREDICTORS};
use super::inputs::BuildInputs;
use super::publish::{Published, publish};
use super::tables::derive;
use microseg_encoding::{Encoder, History};
use microseg_history::Limits;

/// One build: the inputs are read, the histories are still to come.
pub struct Builder {
    inputs: BuildInputs,
    encoder: Encoder,
}

impl Builder {
    /// Reads everything but the histories.
    ///
    /// # Errors
    /// [`BuildError`] names the file that does not fit.
    pub fn new(config: BuildConfig, limits: Limits) -> Result<Self, BuildError> {
        let place = config.place();
        if place.exists() && !config.replace {
            return Err(BuildError::Exists(place));
        }
        let inputs = BuildInputs::read(config)?;
        let shape = inputs.main.shape();
        let predictors = shape.input_width() + shape.hidden_size + 1;
        if predictors > MOST_PREDICTORS {
            return Err(BuildError::Predictors(predictors));
        }
        let declaration = inputs.main.outline.declaration.clone();
        let encoder = Encoder::with_inputs(inputs.taxonomy.clone(), declaration, limits);
        Ok(Self { inputs, encoder })
    }

    /// Turns histories into totals, as the finished model will.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Runs every history through the network, derives the tables, writes and checks the bundle; returns where it is.
    ///
    /// # Errors
    /// The first error of `histories`, or [`BuildError`]. A bundle that was in the same place is still there then.
    pub fn build<E: From<BuildError>>(
        &self,
        histories: impl Iterator<Item = Result<History, E>>,
        progress: &ProgressBar,
    ) -> Result<Published, E> {
        let inputs = &self.inputs;
        let mut collector = Collector::new(inputs);
        for history in histories {
            collector.add(&history?)?;
        }
        let statistics = collector.finish()?;
        let tables = derive(inputs, statistics, progress)?;
        progress.set_message("checking the bundle");
        Ok(publish(inputs, tables, self.encoder.limits())?)
    }
}
