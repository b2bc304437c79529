//! Patience of a stream: a history that was sent line by line must not be lost because the queue is full for a moment.

use std::time::Duration;

use crate::timed_run::run;
use microseg_model::{Batch, Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

/// Runs a batch, and repeats it while the queue is full.
pub(crate) async fn run_when_free(
    model: &Model,
    batch: Batch,
    timing: &mut Timing,
) -> Result<Trajectories, RunError> {
    loop {
        match run(model, Priority::Score, batch.clone(), timing).await {
            Err(RunError::Busy) => wait_for_the_queue().await,
            ran => return ran,
        }
    }
}

/// A short time in which others leave the queue.
pub(crate) async fn wait_for_the_queue() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}
