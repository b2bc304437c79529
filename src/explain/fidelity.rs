//! Fidelity of a surrogate: its agreement with the network's numbers, on data that it was not fitted to.

use schemars::JsonSchema;
use serde::Serialize;

/// How far to trust one surrogate.
///
/// A local surrogate is measured on perturbations of this customer, weighted as in the fit. The global one is measured
/// on customers of the population that it was not fitted to, as the bundle's table says, and on this customer's own
/// trajectory.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
pub struct Fidelity {
    /// R² where the surrogate was not fitted, at most 1. Local: on the held-out perturbations, `null` when there are
    /// too few. Global: free-running, over all periods of the held-out customers.
    pub r2_holdout: Option<f64>,
    /// R² where the surrogate was fitted, at most 1. Local: on the fitted perturbations. Global: over all periods of
    /// the fitted customers, from the network's own state: for a state dimension the state before, for an output the
    /// state of the same period. `null` for what the bundle has no table of.
    pub r2_fit: Option<f64>,
    /// Global: 1 - mean((f - g)²) / σ² over this customer's periods, at most 1, where f is the network's number, g the
    /// free-running surrogate's and σ the number's standard deviation over the population's periods. Local: `null`.
    #[schemars(example = 0.93)]
    pub r2_trajectory: Option<f64>,
    /// Root mean square error, in the target's unit. Local: on the held-out perturbations, weighted, `null` when there
    /// are too few. Global: over this customer's periods.
    pub rmse: Option<f64>,
    /// How far the surrogate is off at the customer's own spending, in the target's unit.
    pub local_error: f64,
    /// How many perturbations the fit rests on, were they all of one weight: (Σw)² / Σw² (Kish). Global: `null`.
    pub effective_samples: Option<f64>,
    /// The standard error of `r2_holdout` over the drawing of the perturbations that it was measured on. Absent where there is
    /// none: in the global method, with too few perturbations, and in records without `method.version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.004)]
    pub r2_error: Option<f64>,
    /// `shapley`: how well its values are known, and how far the network is a sum over parts.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub values: Option<ShapleyQuality>,
}

/// How well Shapley values are known, and how far the network is a sum over the parts.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
pub struct ShapleyQuality {
    /// Whether all coalitions were enumerated, so that the values are exact.
    #[schemars(example = false)]
    pub exact: bool,
    /// Root mean square of the values' standard errors over the standard deviation of the values: 0 where they are exact, `null`
    /// with too few coalitions.
    #[schemars(example = 0.021)]
    pub relative_standard_error: Option<f64>,
    /// The share of the variance over coalitions that a sum over the parts explains, at most 1: a fact about the network and this
    /// customer, not about how well the values are known. Coalitions count as when the parts are added in a random order. Over
    /// all coalitions where `exact`, else where each pair was left out; `null` with too few.
    #[schemars(example = 0.97)]
    pub additivity_r2: Option<f64>,
}

/// The measures that a method takes of a surrogate; the local error follows from the sum in the report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measures {
    pub(super) r2_holdout: Option<f64>,
    pub(super) r2_fit: Option<f64>,
    pub(super) r2_trajectory: Option<f64>,
    pub(super) rmse: Option<f64>,
    pub(super) effective_samples: Option<f64>,
    pub(super) r2_error: Option<f64>,
    pub(super) values: Option<ShapleyQuality>,
}

impl Fidelity {
    pub(super) fn new(measures: Measures, residual: f64) -> Self {
        let Measures {
            r2_holdout,
            r2_fit,
            r2_trajectory,
            rmse,
            effective_samples,
            r2_error,
            values,
        } = measures;
        Self {
            r2_holdout,
            r2_fit,
            r2_trajectory,
            rmse,
            local_error: residual.abs(),
            effective_samples,
            r2_error,
            values,
        }
    }
}

/// A weighted pair of numbers: the network's and the surrogate's.
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
    // The precision of 32-bit floats at the size of these values.
    let size = observations
        .clone()
        .map(|one| one.value.abs())
        .fold(0.0, f64::max);
    let errors: f64 = observations
        .map(|one| one.weight * (one.value - one.fitted).powi(2))
        .sum();
    let precision = weights * (f64::from(f32::EPSILON) * size).powi(2);
    let r2 = explained(errors, variation, precision);
    Some((r2, (errors / weights).sqrt()))
}

/// The standard error of the R² of [`agreement`] over the drawing of its observations, by the delta method for the ratio of two
/// sums; `None` where the R² has none.
pub(super) fn agreement_error(
    observations: impl Iterator<Item = Observation> + Clone,
) -> Option<f64> {
    let (r2, _) = agreement(observations.clone())?;
    let weights: f64 = observations.clone().map(|one| one.weight).sum();
    let mean = observations
        .clone()
        .map(|one| one.weight * one.value)
        .sum::<f64>()
        / weights;
    let square = |one: &Observation| one.weight * (one.value - mean).powi(2);
    let variation: f64 = observations.clone().map(|one| square(&one)).sum();
    if variation <= 0.0 {
        return None;
    }
    // d(errors / variation) for one more observation.
    let ratio = 1.0 - r2;
    let terms = observations
        .map(|one| one.weight * (one.value - one.fitted).powi(2) - ratio * square(&one));
    let squares: f64 = terms.map(|term| term * term).sum();
    Some(squares.sqrt() / variation)
}

/// R² along a trajectory, 1 - mean((f - g)²) / σ², and the root mean square error; `None` without any step.
///
/// The mean R² of many customers is the R² of their periods together, as far as their deviation is σ. An R² against
/// the customer's own mean is undefined for a trajectory that does not move. A σ of 0 is treated as in [`agreement`].
pub(super) fn agreement_along(
    steps: impl ExactSizeIterator<Item = (f64, f64)> + Clone,
    deviation: f64,
) -> Option<(f64, f64)> {
    let count = u32::try_from(steps.len()).ok().filter(|&count| count > 0)?;
    let size = steps
        .clone()
        .map(|(value, _)| value.abs())
        .fold(0.0, f64::max);
    let errors = steps
        .map(|(value, fitted)| (value - fitted).powi(2))
        .sum::<f64>()
        / f64::from(count);
    let precision = (f64::from(f32::EPSILON) * size).powi(2);
    let r2 = explained(errors, deviation.powi(2), precision);
    Some((r2, errors.sqrt()))
}

/// Whether a difference of a number is no more than the rounding of 32-bit floats, through the network's few sums.
pub(super) fn is_rounding(difference: f64, size: f64) -> bool {
    difference.abs() <= 8.0 * f64::from(f32::EPSILON) * size.abs()
}

/// 1 - errors / variation; 1 or 0 for what does not vary beyond the precision of the network's numbers.
pub(super) fn explained(errors: f64, variation: f64, precision: f64) -> f64 {
    if variation > precision {
        1.0 - errors / variation
    } else if errors <= precision {
        1.0
    } else {
        0.0
    }
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
    fn constant_target_has_an_r2_of_one_or_zero() {
        let met = agreement(observations(&[(1.0, 0.5, 0.5), (1.0, 0.5, 0.5)]));
        assert_close(met.unwrap().0, 1.0);
        let tiny = agreement(observations(&[(1.0, 1e-9, 2e-9), (1.0, 3e-9, 2e-9)]));
        assert_close(tiny.unwrap().0, 0.0);
        let missed = agreement(observations(&[(1.0, 0.5, 0.6), (1.0, 0.5, 0.5)]));
        assert_close(missed.unwrap().0, 0.0);
        assert!(agreement(observations(&[])).is_none());
    }

    #[test]
    fn errors_along_a_trajectory_are_measured_in_the_populations_deviations() {
        let steps = [(0.5, 0.5), (0.5, 0.3)];
        let (r2, rmse) = agreement_along(steps.into_iter(), 0.2).unwrap();
        // Half of the periods are off by one deviation.
        assert_close(r2, 0.5);
        assert_close(rmse, 0.02_f64.sqrt());
        let (far, _) = agreement_along([(0.5, 0.0)].into_iter(), 0.1).unwrap();
        assert_close(far, -24.0);
        let (met, _) = agreement_along([(0.5, 0.5)].into_iter(), 0.0).unwrap();
        assert_close(met, 1.0);
        let (missed, _) = agreement_along(steps.into_iter(), 0.0).unwrap();
        assert_close(missed, 0.0);
        assert!(agreement_along([].into_iter(), 0.1).is_none());
    }
}
