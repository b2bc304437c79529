//! Thresholds of the operator, for all explanations.

use super::error::ExplainError;
use super::options::{FidelityTarget, Options};

/// What the operator has set for all explanations: below these the verdict is not `ok`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The least R², 0 to 1, unless a request has its own.
    pub fidelity_target: f64,
    /// The least variables stability index, 0 to 1.
    pub vsi: f64,
    /// Whether no caller may choose a seed, a threshold or a baseline: then all explanations are made alike.
    pub fixes_choices: bool,
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

    /// The same, with or without the choices of callers.
    #[must_use]
    pub fn fixing_choices(self, fixes_choices: bool) -> Self {
        Self {
            fixes_choices,
            ..self
        }
    }

    /// Checks that a request chooses nothing that is not the caller's to choose.
    ///
    /// # Errors
    /// [`ExplainError::Fixed`] names the first member that does.
    pub fn check(self, options: &Options) -> Result<(), ExplainError> {
        let choices = [
            ("seed", options.seed.is_some()),
            ("fidelity_target", options.fidelity_target.is_some()),
            ("baseline", options.baseline.is_some()),
        ];
        let chosen = choices.into_iter().find(|(_, is_chosen)| *is_chosen);
        match chosen.filter(|_| self.fixes_choices) {
            Some((member, _)) => Err(ExplainError::Fixed(member)),
            None => Ok(()),
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
            fixes_choices: false,
            csi: 0.8,
        }
    }
}
