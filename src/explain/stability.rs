//! Stability indices: whether another draw of perturbations would give the same explanation (Visani et al. 2020, arXiv
//! 2001.11757).

use schemars::JsonSchema;
use serde::Serialize;

/// How much an explanation depends on the draw of perturbations. A repeat moves the coefficients as another draw might
/// have: a random half of the fitted perturbations counts up, the other half down. It needs no run of the network.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
pub struct Stability {
    /// How many repeats there were; 0 when nothing was drawn, or too little for an index.
    pub repeats: usize,
    /// Variables stability index, 0 to 1: of the strongest parts, the share that two repeats have in common, mean over
    /// all pairs of repeats. As many parts are compared as are listed, at most ten and at most half of all. `null`
    /// when there were no more perturbations than unknowns, or these left coefficients undetermined.
    pub vsi: Option<f64>,
    /// `null`. In records without `method.version` the coefficients stability index, 0 to 1: how often the 95 % intervals of two
    /// repeats overlap. It was 0.99 nearly always, and told nothing.
    #[schemars(example = 0.985)]
    pub csi: Option<f64>,
}

/// The most parts that are compared, the strongest first.
const MOST_COMPARED: usize = 10;

impl Stability {
    /// The stability of a method that draws nothing, or everything.
    pub(super) fn nothing_drawn() -> Self {
        Self {
            repeats: 0,
            vsi: Some(1.0),
            csi: Some(1.0),
        }
    }

    /// The stability of too few perturbations for an index.
    pub(super) fn unknown() -> Self {
        Self {
            repeats: 0,
            vsi: None,
            csi: None,
        }
    }

    /// The stability of each repeat's coefficients with half the width of their intervals. A reader sees the `listed`
    /// strongest.
    #[expect(clippy::cast_precision_loss, reason = "counts of parts")]
    pub(super) fn of(repeats: &[Vec<f64>], margins: &[f64], listed: usize) -> Self {
        let parts = margins.len();
        let compared = listed.min(MOST_COMPARED).min(parts.div_ceil(2)).max(1);
        let strongest: Vec<Vec<usize>> = repeats
            .iter()
            .map(|coefficients| {
                let mut order = by_size(coefficients);
                order.truncate(compared);
                order
            })
            .collect();
        let (mut pairs, mut common, mut overlaps) = (0, 0, 0);
        for (one, coefficients) in repeats.iter().enumerate() {
            for other in 0..one {
                pairs += 1;
                let again = |part: &&usize| strongest[other].contains(part);
                common += strongest[one].iter().filter(again).count();
                let differences = coefficients.iter().zip(&repeats[other]).zip(margins);
                overlaps += differences
                    .filter(|((a, b), margin)| (*a - *b).abs() <= 2.0 * **margin)
                    .count();
            }
        }
        if pairs == 0 || parts == 0 {
            return Self::unknown();
        }
        Self {
            repeats: repeats.len(),
            vsi: Some(common as f64 / (pairs * compared) as f64),
            csi: Some(overlaps as f64 / (pairs * parts) as f64),
        }
    }
}

/// The places of numbers by size, largest first; those of one size stay in order.
pub(super) fn by_size(numbers: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&one, &other| numbers[other].abs().total_cmp(&numbers[one].abs()));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_repeats_are_stable() {
        let repeats = vec![vec![0.3, -0.2, 0.0, 0.1]; 3];
        let stability = Stability::of(&repeats, &[0.0; 4], 10);
        assert_eq!(
            (stability.repeats, stability.vsi, stability.csi),
            (3, Some(1.0), Some(1.0))
        );
    }

    #[test]
    fn different_parts_and_distant_coefficients_lower_the_indices() {
        let repeats = [vec![1.0, 0.9, 0.0, 0.1], vec![1.0, 0.1, 0.0, -0.9]];
        let stability = Stability::of(&repeats, &[0.3; 4], 10);
        // Two of four are compared, one of which is strongest in both; two of four intervals overlap.
        assert_eq!((stability.vsi, stability.csi), (Some(0.5), Some(0.5)));
        assert_eq!(Stability::of(&repeats[..1], &[0.3; 4], 10).vsi, None);
    }
}
