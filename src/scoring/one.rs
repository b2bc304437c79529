//! Scoring of one history.

use crate::scored::{Scored, not_run, sequence};
use crate::sequences::{Batches, run_sequences};
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
) -> Result<Scored, RunError> {
    model.observe(&history);
    score_again(model, history, timing).await
}

/// Scores a history that was counted in the drift when it was first read, such as that of a recorded explanation.
///
/// Adds the times of the queue and the network to `timing`.
///
/// # Errors
/// As [`score`].
pub async fn score_again(
    model: &Model,
    history: History,
    timing: &mut Timing,
) -> Result<Scored, RunError> {
    let sequences = vec![sequence(model, &history)];
    let mut ran = run_sequences(
        model,
        (Priority::Score, Batches::OfScorings),
        sequences,
        timing,
    )
    .await;
    let ran = ran.pop().unwrap_or_else(not_run)?;
    Ok(Scored::new(model, history, &ran))
}
