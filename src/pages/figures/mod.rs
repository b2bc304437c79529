//! Figures, each made of the documents that it shows.

pub(crate) mod attractors;
pub(crate) mod coefficients;
pub(crate) mod fidelity;
pub(crate) mod outputs;
mod projection;
pub(crate) mod segments;
pub(crate) mod spending;
pub(crate) mod trajectory;
pub(crate) mod waterfall;
