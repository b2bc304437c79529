//! A scoring with what a later request needs to continue its history.

use crate::document::Scoring;
use crate::sequences::{Ran, Sequence};
use crate::wanted::last_step;
use microseg_encoding::{Checkpoint, Continuation, History};
use microseg_model::{Model, RecurrentState, RunError};

/// The answer for one history, and its state where that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The answer.
    pub scoring: Scoring,
    /// What a later request needs.
    pub continuation: Option<Continuation>,
}

impl Scored {
    /// From a history and what the network gave for its sequence.
    pub(crate) fn new(model: &Model, mut history: History, ran: &Ran) -> Self {
        let mut continuation = history.take_continuation();
        if let (Some(continuation), Some(state)) = (&mut continuation, &ran.kept) {
            continuation.set_state(state.numbers().collect());
        }
        Self {
            scoring: Scoring::new(model, history, ran),
            continuation,
        }
    }
}

/// The sequence of a history, which begins at its checkpoint and keeps the recurrent state at the next one. Of its trajectory
/// the ends of the periods are wanted.
pub(crate) fn sequence(model: &Model, history: &History) -> Sequence {
    let begin = history.checkpoint().map_or(0, Checkpoint::steps);
    let next = history.continuation().and_then(Continuation::checkpoint);
    let kept_after = next.map(|next| next.steps().saturating_sub(begin));
    let state = history
        .checkpoint()
        .map(|checkpoint| recurrent_state(model, checkpoint.state()));
    let ends = { history.steps_of_periods().into_iter() }.map(last_step);
    Sequence::new(history.inputs(), state, kept_after).only(ends)
}

/// A recurrent state of these numbers, tensor by tensor; zeros for those that are missing.
#[must_use]
pub fn recurrent_state(model: &Model, numbers: &[f32]) -> RecurrentState {
    let mut state = RecurrentState::zeros(model.manifest().shape(), 1);
    state.set_sequence(0, numbers.iter().copied());
    state
}

/// The error of a sequence that has not run.
pub(crate) fn not_run() -> Result<Ran, RunError> {
    Err(RunError::Stopped)
}
