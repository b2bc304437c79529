//! The outcome of a local method: perturbations sampled until there are enough, then fitted and tested.

use std::time::Instant;

use super::additivity::Additivity;
use super::equations::{Data, Equations};
use super::fit::Fit;
use super::interactions::Interactions;
use super::kernel;
use super::local_method::Standard;
use super::perturbation::Plan;
use super::sampling::Samples;
use super::task::Task;
use super::uncertainty::Uncertainty;
use crate::document::StoppedBy;
use crate::error::ExplainError;
use crate::fidelity::{Measures, ShapleyQuality};
use crate::findings::{Drawing, JudgedSurrogate, PairModel, Untested};
use crate::method_version::MethodVersion;
use crate::part::Part;
use crate::stability::by_size;
use microseg_timing::Timing;

/// From this many perturbations on, every doubling is followed by a check whether more are needed.
const LEAST_SAMPLES: usize = 512;

/// A contribution is known well enough when half its interval is at most this share of the largest contribution.
const TIGHT: f64 = 0.05;

/// The held-out perturbations that remove a part must together weigh as much as this share of one that removes nothing.
const LEAST_WEIGHT: f64 = 0.1;

/// What sampling gave.
pub(super) struct Outcome {
    /// One a target.
    pub(super) surrogates: Vec<JudgedSurrogate>,
    pub(super) drawing: Drawing,
    pub(super) untested: Vec<Untested>,
}

/// Samples until the budget is used, the deadline comes or the result is certain; then fits and tests.
pub(super) async fn find(
    task: &Task<'_>,
    parts: &[Part],
    seed: u64,
    plan: &Plan,
    samples: &mut Samples<'_>,
    timing: &mut Timing,
) -> Result<Outcome, ExplainError> {
    let limit = task.limit;
    let all = plan.perturbations.len();
    let most = limit.samples(all);
    // What can be exact is, unless the deadline comes.
    let least = if plan.exhaustive && plan.whole {
        most
    } else {
        LEAST_SAMPLES
    };
    let mut wanted = limit.first_round(least, most);
    loop {
        samples.reach(wanted, limit.deadline(), timing).await?;
        let begun = Instant::now();
        let values = samples.values();
        let data = Data {
            perturbations: samples.perturbations(),
            parts: parts.len(),
            values: &values,
            form: task.method.form(samples.absent()),
            exhaustive: plan.exhaustive && samples.len() == all,
            whole: plan.whole,
        };
        let equations = data.equations();
        let (fit, kernel_width) = if task.method.has_kernel() {
            let (fit, width) = widest(&data, &equations, parts, task.fidelity_target);
            (fit, Some(width))
        } else {
            let weights = task.method.weights(data.perturbations, parts.len());
            (Fit::new(&data, &equations, weights), None)
        };
        timing.solve += begun.elapsed();

        let begun = Instant::now();
        let uncertainty = fit.uncertainty();
        let stopped_by = if samples.len() >= most {
            Some(if plan.exhaustive {
                StoppedBy::Exhaustion
            } else {
                StoppedBy::Budget
            })
        } else if is_certain(
            &fit,
            uncertainty.as_ref(),
            task.method.standard(),
            (task.fidelity_target, task.listed),
        ) {
            Some(StoppedBy::Certainty)
        } else if samples.is_late(limit.deadline()) {
            Some(StoppedBy::Deadline)
        } else {
            None
        };
        if let Some(stopped_by) = stopped_by {
            let mut surrogates = measure(&fit, uncertainty.as_ref(), seed, task);
            if task.method.standard() == Standard::StandardErrors {
                let absent = samples.absent().iter().enumerate();
                let ends: Vec<[f64; 2]> = absent
                    .map(|(target, &none)| [none, values[(0, target)]])
                    .collect();
                divide(
                    &mut surrogates,
                    &data,
                    &equations,
                    &fit,
                    &ends,
                    task.fidelity_target,
                );
            }
            let outcome = Outcome {
                surrogates,
                drawing: Drawing {
                    samples_requested: task.samples,
                    samples_used: samples.len(),
                    stopped_by: limit.stopped_by(stopped_by),
                    seed,
                    kernel_width,
                    ridge: fit.ridge,
                },
                untested: kernel_width.map_or_else(Vec::new, |width| untested(parts, &fit, width)),
            };
            timing.judge += begun.elapsed();
            return Ok(outcome);
        }
        timing.judge += begun.elapsed();
        wanted = (2 * wanted).min(most);
    }
}

/// The widest kernel whose surrogates all reach the target on perturbations that were left out of the fit; the one that
/// comes nearest when none does. The held-out perturbations do not count here: they are for the test.
fn widest<'a>(
    data: &'a Data<'a>,
    equations: &'a Equations,
    parts: &[Part],
    target: f64,
) -> (Fit<'a>, f64) {
    let distances: Vec<f64> = data
        .perturbations
        .iter()
        .map(|one| one.distance(parts))
        .collect();
    let attempt = |width: f64| {
        let weigh = |&distance: &f64| kernel::weight(distance, width);
        let fit = Fit::new(data, equations, distances.iter().map(weigh).collect());
        // A kernel so narrow that it leaves coefficients undetermined is worse than any that determines them.
        let lowest = if fit.is_determined() {
            lowest_left_out(&fit, data.targets())
        } else {
            f64::NEG_INFINITY
        };
        (lowest, fit, width)
    };
    let mut best = attempt(kernel::WIDEST);
    for width in kernel::NARROWER {
        if best.0 >= target {
            break;
        }
        let next = attempt(width);
        if next.0 > best.0 {
            best = next;
        }
    }
    (best.1, best.2)
}

/// The lowest R² of all targets on perturbations that were left out of the fit; 0 for one that is unknown.
fn lowest_left_out(fit: &Fit<'_>, targets: usize) -> f64 {
    let of_target = |target| fit.left_out_agreement(target).map_or(0.0, |(r2, _)| r2);
    (0..targets).map(of_target).fold(f64::INFINITY, f64::min)
}

fn measure(
    fit: &Fit<'_>,
    uncertainty: Option<&Vec<Uncertainty>>,
    seed: u64,
    task: &Task<'_>,
) -> Vec<JudgedSurrogate> {
    let stability = fit.stability(seed, uncertainty, task.listed);
    let surrogates = fit.surrogates.iter().zip(stability).enumerate();
    let judged = surrogates.map(|(target, (surrogate, stability))| {
        let held_out = fit.held_out_agreement(target);
        JudgedSurrogate {
            intercept: surrogate.intercept(),
            coefficients: surrogate.coefficients.clone(),
            margins: uncertainty.map(|uncertainty| uncertainty[target].margins.clone()),
            measures: Measures {
                r2_holdout: held_out.map(|(r2, _)| r2),
                r2_fit: fit.fitted_agreement(target).map(|(r2, _)| r2),
                r2_trajectory: None,
                rmse: held_out.map(|(_, rmse)| rmse),
                effective_samples: fit.effective_samples(),
                r2_error: match task.version {
                    MethodVersion::One => None,
                    MethodVersion::Two => fit.held_out_error(target),
                },
                values: values(fit, uncertainty, target, task.method.standard()),
            },
            stability,
            interactions: None,
        }
    });
    judged.collect()
}

/// How well the Shapley values of a target are known.
fn values(
    fit: &Fit<'_>,
    uncertainty: Option<&Vec<Uncertainty>>,
    target: usize,
    standard: Standard,
) -> Option<ShapleyQuality> {
    let coefficients = &fit.surrogates[target].coefficients;
    let quality = || ShapleyQuality {
        exact: fit.is_exhaustive(),
        relative_standard_error: uncertainty
            .map(|uncertainty| uncertainty[target].relative_error(coefficients)),
        additivity_r2: None,
    };
    (standard == Standard::StandardErrors).then(quality)
}

/// Measures how far each target is a sum over parts, and adds interactions of pairs where that is not far enough.
fn divide(
    surrogates: &mut [JudgedSurrogate],
    data: &Data<'_>,
    equations: &Equations,
    fit: &Fit<'_>,
    ends: &[[f64; 2]],
    enough: f64,
) {
    let main: Vec<Option<f64>> = { ends.iter().enumerate() }
        .map(|(target, &ends)| Additivity::of(fit, target, ends, None).main)
        .collect();
    let is_sum = |target: usize| main[target].is_some_and(|r2| r2 >= enough);
    let pairs = if (0..ends.len()).all(is_sum) {
        None
    } else {
        let absent: Vec<f64> = ends.iter().map(|ends| ends[0]).collect();
        Interactions::fit(data, (&equations.fitted, &equations.groups), &absent)
    };
    for (target, surrogate) in surrogates.iter_mut().enumerate() {
        if let Some(values) = &mut surrogate.measures.values {
            values.additivity_r2 = main[target];
        }
        surrogate.interactions = { pairs.as_ref() }
            .filter(|_| !is_sum(target) && !fit.is_constant(target))
            .map(|found| PairModel {
                r2: Additivity::of(fit, target, ends[target], Some(found)).pairs,
                main_effects: found.main_effects(target),
                pairs: found.pairs(target),
            })
            // One that explains no more says nothing.
            .filter(|pairs| pairs.r2 > main[target]);
    }
}

/// Whether more perturbations would hardly change what a reader sees: every target is met on perturbations that were
/// left out of the fit, and the intervals of the listed contributions are narrow. The held-out ones do not count here:
/// an R² that decides when to stop would be biased upwards.
fn is_certain(
    fit: &Fit<'_>,
    uncertainty: Option<&Vec<Uncertainty>>,
    standard: Standard,
    (fidelity_target, listed): (f64, usize),
) -> bool {
    let Some(uncertainty) = uncertainty else {
        return false;
    };
    let surrogates = fit.surrogates.iter().zip(uncertainty).enumerate();
    let mut met = surrogates.map(|(target, (surrogate, uncertainty))| {
        let coefficients = &surrogate.coefficients;
        let order = by_size(coefficients);
        let largest = order.first().map_or(0.0, |&part| coefficients[part].abs());
        let mut strongest = order.iter().take(listed);
        let is_faithful = || {
            if standard == Standard::StandardErrors {
                return true;
            }
            let left_out = fit.left_out_agreement(target);
            left_out.is_some_and(|(r2, _)| r2 >= fidelity_target)
        };
        let is_narrow = strongest.all(|&part| uncertainty.margins[part] <= TIGHT * largest);
        fit.is_constant(target) || (is_narrow && is_faithful())
    });
    met.all(|met| met)
}

/// Parts that the held-out perturbations hardly test: removing one leads so far from the customer that nothing there
/// weighs much, or few perturbations are without it.
fn untested(parts: &[Part], fit: &Fit<'_>, kernel_width: f64) -> Vec<Untested> {
    let weighed = parts.iter().zip(fit.tested_weights());
    weighed
        .filter(|&(part, weight)| weight < LEAST_WEIGHT && part.has_name())
        .map(|(&part, _)| Untested {
            part,
            is_far: kernel::weight(part.weight, kernel_width) < 0.5,
        })
        .collect()
}
