//! Scoring of many histories.

use crate::document::Scoring;
use crate::sequences::run_sequences;
use microseg_encoding::History;
use microseg_model::{Model, Priority, RunError};
use microseg_timing::Timing;

/// Why one of many histories has no scoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unscored<P> {
    /// It could not be read: what the caller passed in its place.
    Refused(P),
    /// The queue was full, or the network failed on it.
    Failed(RunError),
}

/// Scores many histories, in their order; those of one length run together. What could not be read passes through, and
/// an error of the network on one history does not affect the others.
///
/// Adds the times of the queue and the network to `timing`.
pub async fn score_each<P>(
    model: &Model,
    histories: Vec<Result<History, P>>,
    timing: &mut Timing,
) -> Vec<Result<Scoring, Unscored<P>>> {
    let readable = histories.iter().flatten();
    let inputs = readable.map(|history| {
        model.observe(&history.totals.profile());
        history.inputs()
    });
    let inputs = inputs.collect();
    let ran = run_sequences(model, Priority::Bulk, inputs, timing).await;
    let mut ran = ran.into_iter();
    let scored = histories.into_iter().map(|history| {
        let history = history.map_err(Unscored::Refused)?;
        let trajectories = ran.next().unwrap_or(Err(RunError::Stopped));
        let trajectories = trajectories.map_err(Unscored::Failed)?;
        Ok(Scoring::new(model, history, &trajectories))
    });
    scored.collect()
}
