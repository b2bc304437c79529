//! Evidence: what was drawn, measured and fitted for one explanation, before anyone reads it.

use nalgebra::DMatrix;

use super::perturbation::{ActiveClasses, Perturbation};
use super::surrogate::Fit;
use super::target::Targets;

/// What was drawn and measured for one explanation.
pub(super) struct Evidence {
    pub(super) targets: Targets,
    pub(super) active: ActiveClasses,
    /// The first removes nothing: it is the customer.
    pub(super) perturbations: Vec<Perturbation>,
    pub(super) seed: u64,
    pub(super) kernel_width: f64,
    pub(super) input_sha256: String,
    /// The network's numbers for each perturbation, `[perturbations, targets]`.
    pub(super) values: DMatrix<f64>,
    /// The network's numbers for no spending at all, one a target.
    pub(super) absent: Vec<f64>,
    pub(super) fit: Fit,
}
