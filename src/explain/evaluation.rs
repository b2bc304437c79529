//! Evaluation of the network on the inputs of an explanation, with lower priority than scorings.

use std::time::Instant;

use ndarray::{Array3, ArrayViewMut2, Axis};

use microseg_encoding::Totals;
use microseg_model::{Batch, Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

/// The size of every batch, the last one filled up with zeros: a number never depends on how many others are computed.
/// A scoring waits for one such batch at the most.
pub(super) const PORTION: usize = 256;

/// Runs the customer alone, as a scoring does: the last bit of some networks depends on the size of the batch.
pub(super) async fn run_customer(
    model: &Model,
    totals: &Totals,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let begun = Instant::now();
    let batch = Batch::of_sequence(totals.profile().shares());
    timing.perturb += begun.elapsed();
    run(model, batch, timing).await
}

/// Runs no spending at all, over as many periods as the customer has, alone.
pub(super) async fn run_absent(
    model: &Model,
    totals: &Totals,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let (periods, classes) = totals.spending().dim();
    let nothing = Array3::zeros((1, periods, classes));
    run(model, Batch::new(nothing), timing).await
}

/// Runs one portion of inputs `[T, K]`: `write` fills the input of each sequence, which is all zero before.
pub(super) async fn run_portion(
    model: &Model,
    (periods, classes): (usize, usize),
    sequences: usize,
    mut write: impl FnMut(usize, ArrayViewMut2<'_, f32>),
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let begun = Instant::now();
    let mut inputs = Array3::zeros((PORTION, periods, classes));
    for (sequence, input) in inputs.axis_iter_mut(Axis(0)).take(sequences).enumerate() {
        write(sequence, input);
    }
    timing.perturb += begun.elapsed();
    run(model, Batch::new(inputs), timing).await
}

/// Runs a batch; `timing` gains what the queue and the network took.
pub(super) async fn run(
    model: &Model,
    batch: Batch,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let run = model.run(Priority::Explain, batch).await?;
    timing.queue += run.queue;
    timing.network += run.network;
    Ok(run.trajectories)
}
