//! Tables of a network's state space, derived from a population of customers: the papers' tables, as a manifest holds
//! them.
//!
//! Nothing here runs a network. `build` derives the tables, a manifest carries them, scorings and explanations read
//! them: the micro-segment that a trajectory ends in, the nearest attractor, the numbers of the global surrogate.

mod attractors;
mod boundary;
mod distance;
mod error;
#[cfg(any(test, feature = "example"))]
pub mod example;
mod functional;
mod input_distributions;
mod margin;
mod population;
mod segments;
mod shape;
mod state_space;
mod surrogate;
#[cfg(test)]
mod tests;
mod time_scales;

pub use attractors::{
    Attractor, AttractorSearch, Attractors, AttractorsDocument, Near, RecurrentStateDocument,
};
pub use boundary::Boundary;
pub use distance::{distance, nearest, square_distance};
pub use error::SpaceError;
pub use functional::Functional;
pub use input_distributions::{CategoryDistribution, InputDistributions, NumberDistribution};
pub use margin::Margin;
pub use population::{Population, Spread};
pub use segments::{
    FeatureComparison, Located, PathStep, Segment, Segments, SegmentsDocument, Selection,
};
pub use shape::{Shape, StateShape};
pub use state_space::StateSpace;
pub use surrogate::{
    GlobalSurrogate, OutputFidelity, Recovery, RelationsRecovery, RuleRecovery, StateFidelity,
    SurrogateCustomers, SurrogateDocument, SurrogateFidelity, Unrolled,
};
pub use time_scales::{ForgetGate, ForgetGates, Mode, TimeScales};
