//! Evaluation: the network's numbers for the inputs of an explanation, behind any scoring that waits.

use crate::model::{Batch, Lane, Model, RunError, Trajectories};
use crate::timing::Timing;

/// Runs a batch; `timing` gains what the queue and the network took.
pub(super) async fn evaluate(
    model: &Model,
    batch: Batch,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let run = model.run(Lane::Explain, batch).await?;
    timing.queue += run.queue;
    timing.network += run.network;
    Ok(run.trajectories)
}
