//! What a population of customers says of a network's state space: the papers' tables, as a manifest holds them.
//!
//! Nothing here runs a network. `build` derives the tables, a manifest carries them, scorings and explanations read
//! them: in which micro-segment a journey ends, which attractor is nearest, what the global surrogate says.

mod attractors;
mod distance;
mod error;
#[cfg(any(test, feature = "example"))]
pub mod example;
mod functional;
mod margin;
mod population;
mod segments;
mod surrogate;
#[cfg(test)]
mod tests;

pub use distance::{distance, nearest, square_distance};

pub use attractors::{Attractor, AttractorSearch, Attractors, AttractorsDocument, Memory, Near};
pub use error::SpaceError;
pub use functional::Functional;
pub use margin::Margin;
pub use population::{Population, Spread};
pub use segments::{
    FeatureComparison, Located, PathStep, Segment, Segments, SegmentsDocument, Selection,
};
pub use surrogate::{
    GlobalSurrogate, OutputFidelity, Recovery, RelationsRecovery, RuleRecovery, StateFidelity,
    SurrogateCustomers, SurrogateDocument, SurrogateFidelity, Unrolled,
};

/// The sizes of a network's input and outputs, all at least 1; every table agrees with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// K, the classes of a profile.
    pub classes: usize,
    /// L, the layers of the LSTM.
    pub layers: usize,
    /// H, the dimensions of the state.
    pub hidden_size: usize,
    /// O, the outputs.
    pub outputs: usize,
}

/// All tables of one network, checked against its sizes and each other.
#[derive(Debug, Clone, PartialEq)]
pub struct StateSpace {
    population: Population,
    segments: Segments,
    attractors: Attractors,
    surrogate: GlobalSurrogate,
}

impl StateSpace {
    /// Takes the tables if they fit the network.
    ///
    /// # Errors
    /// [`SpaceError`] names the first table and member that does not.
    pub fn new(
        population: Population,
        segments: SegmentsDocument,
        attractors: AttractorsDocument,
        surrogate: SurrogateDocument,
        shape: Shape,
    ) -> Result<Self, SpaceError> {
        population.check(shape)?;
        let scale = &population.final_states;
        Ok(Self {
            segments: Segments::new(segments, scale, shape)?,
            attractors: Attractors::new(attractors, scale, shape)?,
            surrogate: GlobalSurrogate::new(surrogate, shape)?,
            population,
        })
    }

    /// What the population's numbers look like.
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
