//! One explanation from its options to its document.

use std::time::Instant;

use nalgebra::DMatrix;

use super::document::Explanation;
use super::evidence::Evidence;
use super::perturbation::{ActiveClasses, Perturbation, draw, profiles};
use super::report::{judge, report};
use super::surrogate::fit;
use super::target::Targets;
use super::{Options, Policy, seed};
use crate::history::History;
use crate::model::{Batch, Lane, Model, RunError};
use crate::timing::Timing;

/// How wide the kernel is, in shares of the spending removed.
const KERNEL_WIDTH: f64 = 0.25;

/// The network takes perturbations in portions, so that a scoring never waits for a whole explanation.
const PORTION: usize = 128;

/// Who asked, and since when the answer is awaited.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request that asked; `None` on the command line.
    pub request_id: Option<String>,
    /// When it came in.
    pub started_at: Instant,
}

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The model has no number of this name.
    #[error("expected traits, state, state.0 to state.{last_state}, or one of: {outputs}")]
    Target {
        /// H - 1.
        last_state: usize,
        /// The names of the network's outputs.
        outputs: String,
    },
    /// The network could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Explains one history; `timing` gains what queue, network and surrogate took.
///
/// # Errors
/// [`ExplainError::Target`] for a target that the model does not have; [`ExplainError::Run`] when the queue is full or
/// the network fails.
pub async fn explain(
    model: &Model,
    history: History,
    options: &Options,
    policy: Policy,
    origin: Origin,
    timing: &mut Timing,
) -> Result<Explanation, ExplainError> {
    let targets = Targets::find(&options.target, model).ok_or_else(|| ExplainError::Target {
        last_state: model.manifest().hidden_size - 1,
        outputs: model.output_names().join(", "),
    })?;

    let begun = Instant::now();
    let input_sha256 = history.totals.digest(model.encoder().taxonomy());
    let seed = options
        .seed
        .unwrap_or_else(|| seed::derive(&input_sha256, &model.identity().sha256));
    let active = ActiveClasses::of(history.totals.spending());
    let perturbations = draw(&active, options.samples, seed, KERNEL_WIDTH);
    timing.surrogate += begun.elapsed();

    let mut numbers = evaluate(model, &history, &active, &perturbations, &targets, timing).await?;

    let begun = Instant::now();
    let absent = numbers.split_off(perturbations.len() * targets.len());
    let values = DMatrix::from_row_iterator(perturbations.len(), targets.len(), numbers);
    let fit = fit(&perturbations, &values, active.columns.len());
    let evidence = Evidence {
        targets,
        active,
        perturbations,
        seed,
        kernel_width: KERNEL_WIDTH,
        input_sha256,
        values,
        absent,
        fit,
    };
    let judgement = judge(&evidence, options, policy, model.encoder().taxonomy());
    timing.surrogate += begun.elapsed();
    Ok(report(
        model, history, options, &evidence, judgement, origin, *timing,
    ))
}

/// The targets' values for every perturbation, and last for no spending at all.
async fn evaluate(
    model: &Model,
    history: &History,
    active: &ActiveClasses,
    perturbations: &[Perturbation],
    targets: &Targets,
    timing: &mut Timing,
) -> Result<Vec<f64>, RunError> {
    let everything: Vec<usize> = (0..active.columns.len()).collect();
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
        let batch = Batch::new(profiles(history.totals.spending(), active, portion));
        timing.surrogate += begun.elapsed();
        let run = model.run(Lane::Explain, batch).await?;
        timing.queue += run.queue;
        timing.network += run.network;
        targets.read(&run.trajectories, &mut values);
    }
    Ok(values)
}
