//! Bundles built from a network and a population of histories: everything that does not need PyTorch.
//!
//! [`Builder::build`] passes over the histories once and keeps sums and bounded samples; from them it derives the
//! population's numbers, the micro-segments, the global surrogate and the attractors, and writes the bundle.

mod attractors;
mod builder;
mod clusters;
mod collector;
mod comparator;
mod config;
mod description;
mod error;
mod generator;
mod golden;
mod hierarchy;
mod input_error;
mod input_sample;
mod inputs;
mod labels;
mod main_network;
mod model_card;
mod moments;
mod publish;
mod rand_index;
mod recovery;
mod regression;
mod relations;
mod sample;
mod segments;
mod spectral_radius;
mod staging;
mod statistics;
mod surrogate;
mod tables;
mod validated;
mod validation_card;

pub use builder::Builder;
pub use config::{BuildConfig, Comparison, NetworkSource, SharesNetwork};
pub use description::DescriptionError;
pub use error::BuildError;
pub use input_error::InputError;
pub use publish::Published;
pub use relations::RelationsError;
pub use validated::add_validation;
