//! Local surrogates: fitted for one request to the network's numbers around one customer.
//!
//! A method draws a plan of perturbations (`presence`, `coalition`, `scaling`); `sampling` asks the network for their
//! numbers; one weighted solve (`fit`, on `least_squares`) serves all methods and says how far to trust it.

mod coalition;
mod data;
mod design;
mod fit;
mod least_squares;
mod neighbourhood;
mod outcome;
mod perturbation;
mod presence;
mod random;
mod sampling;
mod scaling;
mod screening;
mod seed;
#[cfg(test)]
mod tests;

use std::time::Instant;

pub(super) use self::design::Design;

use self::sampling::Samples;
use super::evaluation::run_customer;
use super::findings::{Findings, LinearModel};
use super::limit::Limit;
use super::options::{MAX_SEED, Options};
use super::target::{Source, Targets};
use microseg_encoding::Totals;
use microseg_model::{Model, RunError};
use microseg_timing::Timing;

/// What is to be found out of whom.
pub(super) struct Question<'a> {
    pub(super) design: Design,
    pub(super) totals: &'a Totals,
    /// The digest of the totals: unless a seed was asked for, it decides what is drawn.
    pub(super) input_sha256: &'a str,
    pub(super) targets: &'a Targets,
    pub(super) options: &'a Options,
    /// The R² to reach.
    pub(super) fidelity_target: f64,
    pub(super) limit: Limit,
}

/// Draws perturbations of the customer, fits a surrogate for each target to most of them and tests it on the rest.
pub(super) async fn explain(
    model: &Model,
    question: &Question<'_>,
    timing: &mut Timing,
) -> Result<Findings, RunError> {
    let &Question {
        design,
        totals,
        options,
        ..
    } = question;
    let customer = run_customer(model, totals, timing).await?;
    let reader = question.targets.reader(model, &customer);
    let values = reader.in_scoring(&customer);
    let spending = totals.spending();
    let around =
        screening::neighbourhood(model, spending, options.level, &reader, &values, timing).await?;

    let begun = Instant::now();
    let derived = || seed::derive(question.input_sha256, &model.identity().sha256);
    let seed = options.seed.unwrap_or_else(derived);
    let plan = design.plan(seed, around.parts(), options.samples);
    timing.perturb += begun.elapsed();

    let mut samples = Samples::new(&around, design, &plan, values.clone());
    let outcome = outcome::find(
        question,
        &around.division,
        seed,
        &plan,
        &mut samples,
        timing,
    )
    .await?;
    let counterfactuals = match design.counterfactual() {
        Some(factor) => Some(around.one_at_a_time(factor, timing).await?),
        None => None,
    };

    let begun = Instant::now();
    let targets = question.targets.len();
    let of_target = |target: usize, source: Source| {
        let numbers = counterfactuals.as_ref()?.iter();
        let numbers = numbers.skip(target).step_by(targets);
        Some(numbers.map(|&number| source.in_scoring(number)).collect())
    };
    let surrogates = outcome.surrogates.into_iter().zip(reader.sources());
    let models = surrogates
        .enumerate()
        .map(|(target, (surrogate, source))| LinearModel {
            segment: reader.segment(source).map(str::to_owned),
            value: values[target],
            base_value: if design.is_own_baseline() {
                values[target]
            } else {
                samples.absent()[target]
            },
            counterfactuals: of_target(target, source),
            surrogate,
        });
    let findings = Findings {
        models: models.collect(),
        drawing: Some(outcome.drawing),
        untested: outcome.untested,
        parts: around.division.parts().to_vec(),
    };
    timing.judge += begun.elapsed();
    Ok(findings)
}
