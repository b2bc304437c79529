//! Fresh coalitions: what was found for one draw, held against the network where nothing was fitted to it.

use super::neighbourhood::Neighbourhood;
use super::outcome::Outcome;
use super::random::{Generator, Stream};
use crate::error::ExplainError;
use crate::fidelity::{Observation, agreement};
use crate::findings::JudgedSurrogate;
use microseg_timing::Timing;

/// The share of each target's variance over `count` fresh coalitions that its sum explains, main effects and the interactions
/// that are listed: one a target, at most 1, `None` without any coalition.
///
/// They are drawn as the parts are added in a random order, each size as likely as another, none and all included: not by the
/// design of the method, so that a fault of the design would show.
pub(super) async fn explained(
    around: &Neighbourhood<'_>,
    outcome: &Outcome,
    (seed, count): (u64, usize),
    timing: &mut Timing,
) -> Result<Vec<Option<f64>>, ExplainError> {
    let coalitions = draw(
        &mut Generator::new(seed, Stream::Perturbations),
        around.parts().len(),
        count,
    );
    let targets = outcome.surrogates.len();
    let mut values = Vec::with_capacity(coalitions.len() * targets);
    for some in coalitions.chunks(around.divided.portion()) {
        let multiply = |input: usize, factors: &mut [f64]| {
            for (factor, &is_there) in factors.iter_mut().zip(&some[input]) {
                *factor = f64::from(u8::from(is_there));
            }
        };
        values.extend(around.numbers(some.len(), multiply, timing).await?);
    }
    let of_target = |(target, surrogate): (usize, &JudgedSurrogate)| {
        let values = values.iter().skip(target).step_by(targets);
        let observations = coalitions
            .iter()
            .zip(values)
            .map(|(coalition, &value)| Observation {
                weight: 1.0,
                value,
                fitted: sum(surrogate, coalition),
            });
        agreement(observations).map(|(r2, _)| r2)
    };
    Ok(outcome
        .surrogates
        .iter()
        .enumerate()
        .map(of_target)
        .collect())
}

/// Coalitions by which parts are there.
fn draw(generator: &mut Generator, parts: usize, count: usize) -> Vec<Vec<bool>> {
    let mut order: Vec<usize> = (0..parts).collect();
    let coalition = |_| {
        let size = generator.below(parts + 1);
        generator.choose(&mut order, size);
        let mut is_there = vec![false; parts];
        for &part in &order[..size] {
            is_there[part] = true;
        }
        is_there
    };
    (0..count).map(coalition).collect()
}

/// What a surrogate gives for a coalition.
fn sum(surrogate: &JudgedSurrogate, coalition: &[bool]) -> f64 {
    let of_parts = |effects: &[f64]| {
        let effects = effects.iter().zip(coalition);
        effects
            .filter(|(_, is_there)| **is_there)
            .map(|(effect, _)| effect)
            .sum::<f64>()
    };
    surrogate.intercept
        + match &surrogate.interactions {
            None => of_parts(&surrogate.coefficients),
            Some(found) => {
                let pairs = found.pairs.iter();
                let together = pairs.filter(|(one, other, _)| coalition[*one] && coalition[*other]);
                of_parts(&found.main_effects) + together.map(|(_, _, both)| both).sum::<f64>()
            }
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fidelity::Measures;
    use crate::findings::PairModel;
    use crate::stability::Stability;

    #[test]
    fn fresh_coalitions_have_every_size_alike_and_differ_by_the_seed() {
        let drawn = |seed| draw(&mut Generator::new(seed, Stream::Perturbations), 4, 5_000);
        let coalitions = drawn(3);
        for size in 0..=4 {
            let of_size = coalitions.iter();
            let of_size = of_size.filter(|one| one.iter().filter(|there| **there).count() == size);
            let share = f64::from(u32::try_from(of_size.count()).unwrap()) / 5_000.0;
            assert!((share - 0.2).abs() < 0.03, "{size}: {share}");
        }
        assert_eq!(coalitions, drawn(3));
        assert_ne!(coalitions, drawn(4));
    }

    #[test]
    fn sum_of_a_coalition_has_its_parts_and_its_pairs() {
        let mut surrogate = JudgedSurrogate {
            intercept: 1.0,
            coefficients: vec![0.5, 0.25, 0.125],
            margins: None,
            measures: Measures {
                r2_holdout: None,
                r2_fit: None,
                r2_trajectory: None,
                rmse: None,
                effective_samples: None,
                r2_error: None,
                values: None,
            },
            stability: Stability::nothing_drawn(),
            interactions: None,
        };
        let of = |surrogate: &JudgedSurrogate, coalition| sum(surrogate, coalition).to_bits();
        assert_eq!(of(&surrogate, &[true, false, true]), 1.625_f64.to_bits());
        surrogate.interactions = Some(PairModel {
            r2: None,
            main_effects: vec![2.0, 4.0, 8.0],
            pairs: vec![(0, 1, 16.0), (0, 2, 32.0), (1, 2, 64.0)],
        });
        assert_eq!(of(&surrogate, &[true, false, true]), 43.0_f64.to_bits());
        assert_eq!(of(&surrogate, &[false, false, false]), 1.0_f64.to_bits());
    }
}
