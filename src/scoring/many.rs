//! Scoring of many histories.

use crate::scored::{Scored, not_run, sequence};
use crate::sequences::{Batches, run_sequences};
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
) -> Vec<Result<Scored, Unscored<P>>> {
    let readable = histories.iter().flatten();
    let sequences = readable.map(|history| {
        model.observe(history);
        sequence(model, history)
    });
    let sequences = sequences.collect();
    let ran = run_sequences(model, (Priority::Bulk, Batches::OfMany), sequences, timing).await;
    let mut ran = ran.into_iter();
    let scored = histories.into_iter().map(|history| {
        let history = history.map_err(Unscored::Refused)?;
        let ran = ran.next().unwrap_or_else(not_run);
        Ok(Scored::new(model, history, &ran.map_err(Unscored::Failed)?))
    });
    scored.collect()
}
