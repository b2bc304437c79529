//! Figures, each made of the documents that it shows.

pub(crate) mod attractors;
mod axis;
pub(crate) mod coefficients;
pub(crate) mod distributions;
pub(crate) mod fidelity;
pub(crate) mod flows;
pub(crate) mod known;
pub(crate) mod moves;
pub(crate) mod outputs;
pub(crate) mod pairs;
mod projection;
pub(crate) mod segments;
pub(crate) mod sizes;
pub(crate) mod spending;
mod sum;
pub(crate) mod trajectory;
pub(crate) mod waterfall;
