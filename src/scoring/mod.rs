//! A scoring: where a customer's history leads in the network's state space, period by period.

mod document;
mod named;

pub use document::{Features, PeriodScore, Scoring};
pub use named::Named;

use crate::history::History;
use crate::model::{Batch, Lane, Model, RunError};
use crate::timing::Timing;

/// Scores one history.
///
/// `timing` gains what the queue and the network took.
///
/// # Errors
/// [`RunError`] when the queue is full or the network fails.
pub async fn score(
    model: &Model,
    history: History,
    timing: &mut Timing,
) -> Result<Scoring, RunError> {
    let batch = Batch::of_profile(&history.totals.profile());
    let run = model.run(Lane::Score, batch).await?;
    timing.queue += run.queue;
    timing.network += run.network;
    Ok(Scoring::new(model, history, &run.trajectories))
}
