//! Local surrogates: fitted for one request to the network's numbers around one customer.

mod perturbation;
mod seed;
mod surrogate;

use std::time::Instant;

use nalgebra::DMatrix;
use ndarray::ArrayView2;

use self::perturbation::{Perturbation, draw, profiles};
use self::surrogate::{Fit, Surrogate, fit, observe};
use super::evaluation::evaluate;
use super::fidelity::{Measures, agreement};
use super::findings::{Drawing, Findings, LinearModel};
use super::options::{MAX_SEED, Options};
use super::part::{Part, parts};
use super::target::{Targets, as_in_scoring};
use crate::model::{Batch, Model, RunError};
use crate::timing::Timing;

/// How wide the kernel is, in shares of the spending removed.
const KERNEL_WIDTH: f64 = 0.25;

/// The network takes perturbations in portions, so that a scoring never waits for a whole explanation.
const PORTION: usize = 128;

/// With fewer held-out perturbations an R² says nothing.
const LEAST_HELD_OUT: usize = 5;

/// The held-out perturbations that remove a part must together weigh as much as this share of one that removes nothing.
const LEAST_WEIGHT: f64 = 0.1;

/// Draws perturbations of totals `[T, K]`, fits a surrogate for each target to most of them and tests it on the rest.
///
/// `input_sha256` is the digest of the totals: unless a seed was asked for, it decides what is drawn.
pub(super) async fn explain(
    model: &Model,
    spending: ArrayView2<'_, f64>,
    input_sha256: &str,
    targets: &Targets,
    options: &Options,
    timing: &mut Timing,
) -> Result<Findings, RunError> {
    let begun = Instant::now();
    let derived = || seed::derive(input_sha256, &model.identity().sha256);
    let seed = options.seed.unwrap_or_else(derived);
    let parts = parts(spending, options.level);
    let perturbations = draw(&parts, options.samples, seed, KERNEL_WIDTH);
    timing.surrogate += begun.elapsed();

    let mut numbers =
        evaluate_all(model, spending, &parts, &perturbations, targets, timing).await?;

    let begun = Instant::now();
    let absent = numbers.split_off(perturbations.len() * targets.len());
    let values = DMatrix::from_row_iterator(perturbations.len(), targets.len(), numbers);
    let fit = fit(&perturbations, &values, parts.len());
    let models = fit
        .surrogates
        .iter()
        .enumerate()
        .map(|(target, surrogate)| LinearModel {
            value: as_in_scoring(values[(0, target)]),
            base_value: as_in_scoring(absent[target]),
            intercept: surrogate.intercept(),
            coefficients: surrogate.coefficients.clone(),
            margins: surrogate.margins.clone(),
            measures: measure(surrogate, &fit, &perturbations, &values, target),
        });
    let findings = Findings {
        models: models.collect(),
        drawing: Some(Drawing {
            samples_used: perturbations.len(),
            seed,
            kernel_width: KERNEL_WIDTH,
            ridge: fit.ridge,
        }),
        untested: untested(&parts, &perturbations),
        parts,
    };
    timing.surrogate += begun.elapsed();
    Ok(findings)
}

/// The targets' values for every perturbation, and last for no spending at all.
async fn evaluate_all(
    model: &Model,
    spending: ArrayView2<'_, f64>,
    parts: &[Part],
    perturbations: &[Perturbation],
    targets: &Targets,
    timing: &mut Timing,
) -> Result<Vec<f64>, RunError> {
    let everything: Vec<usize> = (0..parts.len()).collect();
    let mut removals: Vec<&[usize]> = perturbations
        .iter()
        .map(|one| one.removed.as_slice())
        .collect();
    removals.push(&everything);

    // The customer runs alone, as in a scoring: the last bit of some networks depends on the size of the batch.
    let (customer, perturbed) = removals.split_at(1);
    let mut values = Vec::with_capacity(removals.len() * targets.len());
    for portion in std::iter::once(customer).chain(perturbed.chunks(PORTION)) {
        let begun = Instant::now();
        let batch = Batch::new(profiles(spending, parts, portion));
        timing.surrogate += begun.elapsed();
        targets.read(&evaluate(model, batch, timing).await?, &mut values);
    }
    Ok(values)
}

/// Holds a surrogate against what it has seen and what it has not.
fn measure(
    surrogate: &Surrogate,
    fit: &Fit,
    perturbations: &[Perturbation],
    values: &DMatrix<f64>,
    target: usize,
) -> Measures {
    let side = |held_out| agreement(observe(surrogate, perturbations, values, target, held_out));
    let tested = perturbations.iter().filter(|one| one.held_out).count() >= LEAST_HELD_OUT;
    let held_out = side(true).filter(|_| tested);
    Measures {
        r2_holdout: held_out.map(|(r2, _)| r2),
        r2_fit: side(false).map_or(0.0, |(r2, _)| r2),
        r2_trajectory: None,
        rmse: held_out.map(|(_, rmse)| rmse),
        effective_samples: Some(fit.effective_samples),
    }
}

/// Parts so large that removing them leads far from the customer: what they add is read from afar and hardly tested.
fn untested(parts: &[Part], perturbations: &[Perturbation]) -> Vec<Part> {
    let mut weights = vec![0.0; parts.len()];
    for perturbation in perturbations.iter().filter(|one| one.held_out) {
        for &part in &perturbation.removed {
            weights[part] += perturbation.weight;
        }
    }
    let weighed = parts.iter().zip(weights);
    weighed
        .filter(|&(_, weight)| weight < LEAST_WEIGHT)
        .map(|(&part, _)| part)
        .collect()
}
