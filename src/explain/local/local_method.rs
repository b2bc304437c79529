//! The trait of local methods: how each one draws its perturbations, and what the shared solve keeps to.

use std::fmt::Debug;

use super::equations::Form;
use super::perturbation::{Perturbation, Plan};
use super::random::Generator;
use crate::baseline::Baseline;

/// What shows that another draw would hardly change what a method finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    /// The surrogate gives the network's numbers where it was not fitted.
    HeldOut,
    /// The values are known closely: they are no prediction, and may be right where the network is no sum.
    StandardErrors,
}

/// A method whose surrogates are fitted to the network around one customer.
///
/// The solve, the test on held-out perturbations, intervals, stability and adaptive sampling are shared. The defaults
/// are those of a method that takes parts away and compares with no spending at all.
pub(crate) trait LocalMethod: Debug + Sync {
    /// Draws the perturbations of `parts` parts, `samples` at the most, from the generator alone. The first few stand
    /// for the whole: sampling may end early.
    fn draw(&self, generator: &mut Generator, parts: usize, samples: usize) -> Plan;

    /// What a part's spending is multiplied by when it is moved so many units: a move of -1 takes it away.
    fn factor(&self, units: f64) -> f64 {
        1.0 + units
    }

    /// Whether perturbations count less the more of the spending they move; else each has the weight of its drawing.
    fn has_kernel(&self) -> bool {
        false
    }

    /// What each part alone is multiplied by for a counterfactual, if the method asks for one.
    fn counterfactual(&self) -> Option<f64> {
        None
    }

    /// What the customer is compared with.
    fn baseline(&self) -> Baseline {
        Baseline::ABSENCE
    }

    /// What each perturbation weighs before any kernel.
    fn weights(&self, perturbations: &[Perturbation], parts: usize) -> Vec<f64> {
        let _ = parts;
        perturbations.iter().map(|one| one.weight).collect()
    }

    /// What it is judged by.
    fn standard(&self) -> Standard {
        Standard::HeldOut
    }

    /// What the solve keeps to; `absent` are the targets' numbers without any spending.
    fn form<'a>(&self, absent: &'a [f64]) -> Form<'a> {
        let _ = absent;
        Form::Free
    }
}
