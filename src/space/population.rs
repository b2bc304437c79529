//! Population of a bundle: means and standard deviations of its shares, states and outputs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::SpaceError;
use super::input_distributions::InputDistributions;
use super::shape::Shape;

const TABLE: &str = "population";

/// Statistics of the customers that a bundle was built on.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// How many customers.
    pub customers: u64,
    /// How many periods they have, all together.
    pub periods: u64,
    /// How many of their transactions count as spending.
    pub transactions: u64,
    /// Each class's share of a period's spending, over all periods; K of them.
    pub shares: Spread,
    /// The state after each period, over all periods; H of them.
    pub states: Spread,
    /// The state after the last period, over all customers; H of them. Distances are measured in its deviations.
    pub final_states: Spread,
    /// The outputs after each period, over all periods; O of them.
    pub outputs: Spread,
    /// The outputs after the last period, over all customers; O of them.
    pub final_outputs: Spread,
    /// What the network reads, over a sample of all steps; absent for shares of spending, of which `shares` tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<InputDistributions>,
}

/// Mean and standard deviation of each of several numbers.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The means.
    pub mean: Vec<f64>,
    /// The standard deviations of the population (not of a sample), at least zero.
    pub deviation: Vec<f64>,
}

/// The least deviation that is a scale: below it a number varies by the rounding of 32-bit floats only.
const SMALLEST_DEVIATION: f64 = 1e-6;

impl Population {
    pub(super) fn check(&self, classes: usize, shape: &Shape) -> Result<(), SpaceError> {
        for (member, spread, length) in [
            ("shares", &self.shares, classes),
            ("states", &self.states, shape.hidden_size),
            ("final_states", &self.final_states, shape.hidden_size),
            ("outputs", &self.outputs, shape.outputs),
            ("final_outputs", &self.final_outputs, shape.outputs),
        ] {
            SpaceError::expect_length(TABLE, member, spread.mean.len(), length)?;
            SpaceError::expect_length(TABLE, member, spread.deviation.len(), length)?;
            if spread.deviation.iter().any(|&deviation| deviation < 0.0) {
                return Err(SpaceError::new(TABLE, member, "a deviation is below zero"));
            }
        }
        self.inputs
            .iter()
            .try_for_each(|inputs| inputs.check(shape))
    }
}

impl Spread {
    /// The numbers in standard deviations from their means; one that does not vary counts in its own unit.
    pub fn standardize<'a>(
        &'a self,
        values: impl Iterator<Item = f64> + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        values
            .zip(self.mean.iter().zip(&self.deviation))
            .map(|(value, (mean, deviation))| (value - mean) / scale(*deviation))
    }

    /// The numbers at these many standard deviations from their means: the inverse of [`Spread::standardize`].
    pub fn destandardize<'a>(
        &'a self,
        places: impl Iterator<Item = f64> + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        places
            .zip(self.mean.iter().zip(&self.deviation))
            .map(|(place, (mean, deviation))| mean + place * scale(*deviation))
    }

    /// Slopes by standard deviations as slopes by the numbers themselves.
    pub(super) fn slope<'a>(
        &'a self,
        by_deviations: impl Iterator<Item = f64> + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        by_deviations
            .zip(&self.deviation)
            .map(|(slope, deviation)| slope / scale(*deviation))
    }
}

fn scale(deviation: f64) -> f64 {
    if deviation > SMALLEST_DEVIATION {
        deviation
    } else {
        1.0
    }
}
