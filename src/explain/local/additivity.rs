//! Additivity of a network around a customer: how much of what coalitions give is a sum over their parts.

use super::fit::Fit;
use super::interactions::Interactions;
use crate::fidelity::explained;

/// The share of the variance of a target over coalitions that a surrogate explains, at most 1.
///
/// Coalitions count as they come up when the parts are added in a random order: each size, none and all included, is as likely
/// as another. The weights of the fit, times `s (D - s) / (D - 1)` for s of D parts, are in that proportion. `errors` has
/// the surrogate's error for each fitted row, `None` where it is unknown; none and all are met exactly.
pub(super) fn r2(
    fit: &Fit<'_>,
    target: usize,
    ends: [f64; 2],
    errors: impl Fn(usize) -> Option<f64>,
) -> Option<f64> {
    let rows: Vec<(f64, f64, f64)> = (0..fit.rows())
        .filter_map(|row| {
            let (size, weight) = fit.coalition(row);
            let weight = weight * by_order(size, fit.parts());
            Some((weight, fit.value(row, target), errors(row)?))
        })
        .collect();
    if rows.len() < fit.rows() / 2 {
        return None;
    }
    let inner: f64 = rows.iter().map(|(weight, _, _)| weight).sum();
    let sizes = count(fit.parts().saturating_sub(1)).max(1.0);
    let of_end = if rows.is_empty() { 1.0 } else { inner / sizes };
    let ends = ends.map(|value| (of_end, value, 0.0));
    let all = || rows.iter().chain(&ends);
    let weights: f64 = all().map(|(weight, _, _)| weight).sum();
    let mean = all().map(|(weight, value, _)| weight * value).sum::<f64>() / weights;
    let variation: f64 = all()
        .map(|(weight, value, _)| weight * (value - mean).powi(2))
        .sum();
    let missed: f64 = all().map(|(weight, _, error)| weight * error * error).sum();
    let size = all().map(|(_, value, _)| value.abs()).fold(0.0, f64::max);
    let precision = weights * (f64::from(f32::EPSILON) * size).powi(2);
    Some(explained(missed, variation, precision))
}

/// How much main effects explain, and with interactions of pairs.
pub(super) struct Additivity {
    /// Main effects alone.
    pub(super) main: Option<f64>,
    /// With interactions, where they were fitted.
    pub(super) pairs: Option<f64>,
}

impl Additivity {
    /// Of a target; with all coalitions the errors are those of the fit, else those without each pair.
    pub(super) fn of(
        fit: &Fit<'_>,
        target: usize,
        ends: [f64; 2],
        interactions: Option<&Interactions>,
    ) -> Self {
        Self {
            main: r2(fit, target, ends, |row| fit.test_error(row, target)),
            pairs: interactions
                .and_then(|found| r2(fit, target, ends, |row| found.test_error(row, target))),
        }
    }
}

/// The weight of a coalition in random orders over its weight in Shapley's kernel.
fn by_order(size: usize, parts: usize) -> f64 {
    count(size) * count(parts - size) / count(parts.saturating_sub(1)).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of parts")]
fn count(number: usize) -> f64 {
    number as f64
}
