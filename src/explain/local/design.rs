//! Designs: what a local method perturbs, and what its solve keeps to. A new local method is a variant here.

use super::data::Form;
use super::perturbation::Plan;
use super::random::{Generator, Stream};
use super::{coalition, presence, scaling};

/// How perturbations are drawn around a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Design {
    /// Some parts are not there; what removes little of the spending weighs most. `lime`.
    Presence,
    /// Some parts are there, the others are not, with Shapley's weights. `kernel-shap`.
    Coalitions,
    /// A little more of some parts, a little less of others. `sensitivity`.
    Scalings,
}

impl Design {
    /// Draws the perturbations of `parts` parts, `samples` at the most.
    pub(super) fn plan(self, seed: u64, parts: usize, samples: usize) -> Plan {
        let mut generator = Generator::new(seed, Stream::Perturbations);
        match self {
            Self::Presence => presence::draw(&mut generator, parts, samples),
            Self::Coalitions => coalition::draw(&mut generator, parts, samples),
            Self::Scalings => scaling::draw(&mut generator, parts, samples),
        }
    }

    /// What a part's spending is multiplied by when it is moved so many units.
    pub(super) fn factor(self, units: f64) -> f64 {
        match self {
            Self::Presence | Self::Coalitions => 1.0 + units,
            Self::Scalings => scaling::factor(units),
        }
    }

    /// Whether perturbations count less the more of the spending they move; else each weighs what its drawing says.
    pub(super) fn has_kernel(self) -> bool {
        self == Self::Presence
    }

    /// What each part alone is multiplied by for a counterfactual, if the method asks for one.
    pub(super) fn counterfactual(self) -> Option<f64> {
        (self == Self::Scalings).then_some(scaling::STEP)
    }

    /// Whether the customer is compared with themselves: scaling all of the spending changes no share. Else with no
    /// spending at all.
    pub(super) fn is_own_baseline(self) -> bool {
        self == Self::Scalings
    }

    /// What the solve keeps to; `absent` are the targets' numbers without any spending.
    pub(super) fn form(self, absent: &[f64]) -> Form<'_> {
        match self {
            Self::Presence | Self::Scalings => Form::Free,
            Self::Coalitions => Form::Efficient(absent),
        }
    }
}
