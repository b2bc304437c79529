//! Run of a batch, with its times.

use microseg_model::{Batch, Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

/// Runs a batch, and adds the times of the queue and the network to `timing`.
pub(crate) async fn run(
    model: &Model,
    priority: Priority,
    batch: Batch,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    let run = model.run(priority, batch).await?;
    timing.queue += run.queue;
    timing.network += run.network;
    Ok(run.trajectories)
}
