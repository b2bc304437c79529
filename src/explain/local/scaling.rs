//! Scalings, the perturbations of `sensitivity`: a little more of some of the spending, a little less of the rest.

use super::perturbation::Plan;
use super::random::Generator;

/// One unit of a move: 10 % more.
pub(super) const STEP: f64 = 1.1;

/// The natural logarithm of [`STEP`].
const LOG_STEP: f64 = 0.095_310_179_804_324_87;

/// Draws `samples` scalings in pairs, the second of a pair the first turned round: what bends evenly cancels out. Each
/// part's factor is log-normal, 1.1 to the power of a standard normal number.
pub(super) fn draw(generator: &mut Generator, parts: usize, samples: usize) -> Plan {
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

/// What a part is multiplied by when it is moved so many units.
pub(super) fn factor(units: f64) -> f64 {
    libm::exp(units * LOG_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::random::Stream;

    #[test]
    fn scalings_come_in_pairs_that_are_held_out_together() {
        let mut generator = Generator::new(3, Stream::Perturbations);
        let plan = draw(&mut generator, 5, 64);
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
        assert!((factor(1.0) - 1.1).abs() < 1e-15 && (factor(0.0) - 1.0).abs() < 1e-15);
    }
}
