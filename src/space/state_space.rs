//! State space of a network: all tables, checked against its sizes and each other.

use super::attractors::{Attractors, AttractorsDocument};
use super::error::SpaceError;
use super::population::Population;
use super::segments::{Segments, SegmentsDocument};
use super::shape::Shape;
use super::surrogate::{GlobalSurrogate, SurrogateDocument};

/// All tables of one network, checked against its sizes and each other.
#[derive(Debug, Clone, PartialEq)]
pub struct StateSpace {
    population: Population,
    segments: Segments,
    attractors: Attractors,
    surrogate: GlobalSurrogate,
}

impl StateSpace {
    /// Takes the tables if they fit the network, and a taxonomy of so many classes.
    ///
    /// # Errors
    /// [`SpaceError`] names the first table and member that does not.
    pub fn new(
        population: Population,
        segments: SegmentsDocument,
        attractors: AttractorsDocument,
        surrogate: SurrogateDocument,
        classes: usize,
        shape: &Shape,
    ) -> Result<Self, SpaceError> {
        population.check(classes, shape)?;
        let scale = &population.final_states;
        Ok(Self {
            segments: Segments::new(segments, scale, shape)?,
            attractors: Attractors::new(attractors, scale, shape)?,
            surrogate: GlobalSurrogate::new(surrogate, shape)?,
            population,
        })
    }

    /// Means and deviations of the population's numbers.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The hierarchy of micro-segments.
    #[must_use]
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// The fixed points of the network's dynamics.
    #[must_use]
    pub fn attractors(&self) -> &Attractors {
        &self.attractors
    }

    /// The linear model that stands in for the network on the whole population.
    #[must_use]
    pub fn surrogate(&self) -> &GlobalSurrogate {
        &self.surrogate
    }
}
