//! Thresholds of the operator, for all explanations.

use super::options::FidelityTarget;

/// What the operator has set for all explanations: below these the verdict is not `ok`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The least R², 0 to 1, unless a request has its own.
    pub fidelity_target: f64,
    /// The least variables stability index, 0 to 1.
    pub vsi: f64,
    /// The least coefficients stability index, 0 to 1, of records of the first version of the methods.
    pub(super) csi: f64,
}

impl Policy {
    /// A policy for new explanations.
    #[must_use]
    pub fn new(fidelity_target: f64, vsi: f64) -> Self {
        Self {
            fidelity_target,
            vsi,
            ..Self::default()
        }
    }

    /// The policy for a request that may have a fidelity target of its own.
    pub(super) fn with_fidelity_target(self, own: Option<FidelityTarget>) -> Self {
        Self {
            fidelity_target: own.map_or(self.fidelity_target, FidelityTarget::get),
            ..self
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fidelity_target: 0.9,
            vsi: 0.8,
            csi: 0.8,
        }
    }
}
