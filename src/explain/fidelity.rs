//! Fidelity: how well a surrogate gives the network's numbers again, on perturbations it was not fitted to.

use serde::Serialize;

/// How far to trust one surrogate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fidelity {
    /// Weighted R² on the held-out perturbations, at most 1; `null` when there are none to hold out.
    pub r2_holdout: Option<f64>,
    /// Weighted R² on the perturbations that the surrogate was fitted to, at most 1.
    pub r2_fit: f64,
    /// Weighted root mean square error on the held-out perturbations, in the target's unit; `null` without any.
    pub rmse: Option<f64>,
    /// How far the surrogate is off at the customer's own spending, in the target's unit.
    pub local_error: f64,
    /// How many perturbations the fit rests on, were they all of one weight: (Σw)² / Σw² (Kish).
    pub effective_samples: f64,
}

/// A perturbation as the judge sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Observation {
    pub(super) weight: f64,
    /// What the network gave.
    pub(super) value: f64,
    /// What the surrogate gives.
    pub(super) fitted: f64,
}

/// Weighted R² = 1 - Σw(f-g)² / Σw(f-f̄)², and the weighted root mean square error; `None` without observations.
///
/// A target that does not vary has an R² of 1 when it is met to the precision of the network's numbers, else of 0.
pub(super) fn agreement(
    observations: impl Iterator<Item = Observation> + Clone,
) -> Option<(f64, f64)> {
    let weights: f64 = observations.clone().map(|one| one.weight).sum();
    if weights <= 0.0 {
        return None;
    }
    let mean = observations
        .clone()
        .map(|one| one.weight * one.value)
        .sum::<f64>()
        / weights;
    let variation: f64 = observations
        .clone()
        .map(|one| one.weight * (one.value - mean).powi(2))
        .sum();
    // What a 32-bit float cannot tell apart at the size of these values.
    let size = observations
        .clone()
        .map(|one| one.value.abs())
        .fold(0.0, f64::max);
    let errors: f64 = observations
        .map(|one| one.weight * (one.value - one.fitted).powi(2))
        .sum();
    let precision = weights * (f64::from(f32::EPSILON) * size).powi(2);
    let r2 = if variation > precision {
        1.0 - errors / variation
    } else if errors <= precision {
        1.0
    } else {
        0.0
    };
    Some((r2, (errors / weights).sqrt()))
}

/// (Σw)² / Σw².
pub(super) fn effective_samples(weights: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum: f64 = weights.clone().sum();
    let squares: f64 = weights.map(|weight| weight * weight).sum();
    sum * sum / squares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observations(values: &[(f64, f64, f64)]) -> impl Iterator<Item = Observation> + Clone {
        values.iter().map(|&(weight, value, fitted)| Observation {
            weight,
            value,
            fitted,
        })
    }

    fn assert_close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-12,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn weighted_r2_and_error_are_those_of_the_textbook() {
        let (r2, rmse) = agreement(observations(&[(1.0, 0.0, 1.0), (3.0, 3.0, 3.0)])).unwrap();
        // The weighted mean is 2.25; the only error is 1, with weight 1 of 4.
        let variation = 1.0 * 2.25_f64.powi(2) + 3.0 * 0.75_f64.powi(2);
        assert_close(r2, 1.0 - 1.0 / variation);
        assert_close(rmse, 0.5);
    }

    #[test]
    fn a_constant_target_is_met_or_missed() {
        let met = agreement(observations(&[(1.0, 0.5, 0.5), (1.0, 0.5, 0.5)]));
        assert_close(met.unwrap().0, 1.0);
        let tiny = agreement(observations(&[(1.0, 1e-9, 2e-9), (1.0, 3e-9, 2e-9)]));
        assert_close(tiny.unwrap().0, 0.0);
        let missed = agreement(observations(&[(1.0, 0.5, 0.6), (1.0, 0.5, 0.5)]));
        assert_close(missed.unwrap().0, 0.0);
        assert!(agreement(observations(&[])).is_none());
    }

    #[test]
    fn equal_weights_all_count() {
        assert_close(effective_samples([0.3; 7].into_iter()), 7.0);
    }
}
