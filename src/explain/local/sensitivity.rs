//! The method `sensitivity`: scalings, with a little more of some parts and a little less of the others.

use super::local_method::LocalMethod;
use super::perturbation::Plan;
use super::random::Generator;
use crate::baseline::{Baseline, BaselineKind};

/// One unit of a move: 10 % more.
const STEP: f64 = 1.1;

/// The natural logarithm of [`STEP`].
const LOG_STEP: f64 = 0.095_310_179_804_324_87;

/// `sensitivity`: what 10 % more of each part changes.
#[derive(Debug)]
pub(crate) struct Sensitivity;

impl LocalMethod for Sensitivity {
    /// Draws `samples` scalings in pairs, the second of a pair with all signs turned: even curvature cancels out. Each
    /// part's factor is log-normal, 1.1 to the power of a standard normal number.
    fn draw(&self, generator: &mut Generator, parts: usize, samples: usize) -> Plan {
        let mut scalings: Vec<Vec<(usize, f64)>> = Vec::with_capacity(samples);
        while scalings.len() < samples - 1 {
            let numbers = std::iter::repeat_with(|| generator.normals()).flatten();
            let there: Vec<(usize, f64)> = (0..parts).zip(numbers).collect();
            let back = there.iter().map(|&(part, units)| (part, -units)).collect();
            scalings.extend([there, back]);
        }
        scalings.truncate(samples - 1);
        Plan::new(scalings.into_iter().map(|moves| (moves, 1.0)), 2, false)
    }

    fn factor(&self, units: f64) -> f64 {
        libm::exp(units * LOG_STEP)
    }

    fn counterfactual(&self) -> Option<f64> {
        Some(STEP)
    }

    /// The customer's own spending: scaling all of it changes no share.
    fn baseline(&self) -> Baseline {
        Baseline {
            kind: BaselineKind::Own,
            description: "the customer's own spending: a contribution is what 10 % more of it changes, all else as it is",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::random::Stream;

    #[test]
    fn scalings_are_pairs_of_opposite_signs_that_are_held_out_together() {
        let mut generator = Generator::new(3, Stream::Perturbations);
        let plan = Sensitivity.draw(&mut generator, 5, 64);
        assert_eq!(plan.perturbations.len(), 64);
        for pair in plan.perturbations[1..].chunks_exact(2) {
            let turned: Vec<_> = pair[0]
                .moves
                .iter()
                .map(|&(part, units)| (part, -units))
                .collect();
            assert_eq!(turned, pair[1].moves);
            assert_eq!(pair[0].held_out, pair[1].held_out);
        }
    }

    #[test]
    fn move_of_one_unit_is_ten_per_cent_more() {
        assert!((Sensitivity.factor(1.0) - 1.1).abs() < 1e-15);
        assert!((Sensitivity.factor(0.0) - 1.0).abs() < 1e-15);
    }
}
