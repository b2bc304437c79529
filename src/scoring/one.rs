//! Scoring of one history.

use crate::document::Scoring;
use crate::sequences::run_sequences;
use microseg_encoding::History;
use microseg_model::{Model, Priority, RunError};
use microseg_timing::Timing;

/// Scores one history.
///
/// Adds the times of the queue and the network to `timing`.
///
/// # Errors
/// [`RunError`] when the queue is full or the network fails.
pub async fn score(
    model: &Model,
    history: History,
    timing: &mut Timing,
) -> Result<Scoring, RunError> {
    model.observe(&history.totals.profile());
    let inputs = vec![history.inputs()];
    let mut ran = run_sequences(model, Priority::Score, inputs, timing).await;
    let trajectories = ran.pop().unwrap_or(Err(RunError::Stopped))?;
    Ok(Scoring::new(model, history, &trajectories))
}
