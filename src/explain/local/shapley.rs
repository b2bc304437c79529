//! The method `shapley`: the design of `kernel-shap`, fitted whole.
//!
//! Coalitions come in pairs of complements, and the solve keeps to the sum of the values (Lundberg & Lee 2017, theorem 2;
//! Covert & Lee 2021 for the pairs). All of them are fitted: what the values would be without a pair follows from its leverage,
//! so nothing has to be held out. When all 2^D coalitions fit into the budget, the values are exact.

use super::equations::Form;
use super::kernel_shap;
use super::local_method::{LocalMethod, Standard};
use super::perturbation::{Perturbation, Plan};
use super::random::Generator;
use super::strata::Strata;

/// `shapley`: coalitions with Shapley's weights, all fitted.
#[derive(Debug)]
pub(crate) struct Shapley;

impl LocalMethod for Shapley {
    fn draw(&self, generator: &mut Generator, parts: usize, samples: usize) -> Plan {
        kernel_shap::draw(generator, parts, samples).fitted_whole()
    }

    fn form<'a>(&self, absent: &'a [f64]) -> Form<'a> {
        Form::Efficient(absent)
    }

    fn weights(&self, perturbations: &[Perturbation], parts: usize) -> Vec<f64> {
        Strata::new(perturbations, parts).weights(perturbations)
    }

    fn standard(&self) -> Standard {
        Standard::StandardErrors
    }
}
