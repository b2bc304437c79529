//! Scoring of one history.

use crate::document::Scoring;
use crate::timed_run::run;
use microseg_encoding::History;
use microseg_model::{Batch, Model, Priority, RunError};
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
    let profile = history.totals.profile();
    model.observe(&profile);
    let trajectories = run(
        model,
        Priority::Score,
        Batch::of_sequence(profile.shares()),
        timing,
    )
    .await?;
    Ok(Scoring::new(model, history, 0, &trajectories))
}
