//! Runs of the sequences of histories: whole where steps are periods, in chunks where they are events.

use std::collections::BTreeMap;

use crate::timed_run::run;
use microseg_encoding::Inputs;
use microseg_model::{Batch, Model, Priority, RecurrentState, RunError, Trajectories};
use microseg_timing::Timing;

/// One history on its way through the network.
pub(crate) struct Sequence {
    inputs: Batch,
    /// Steps that were run.
    done: usize,
    /// The recurrent state after them.
    recurrent_state: Option<RecurrentState>,
    chunks: Vec<Trajectories>,
    /// After how many steps the recurrent state is kept.
    kept_after: Option<u64>,
    kept: Option<RecurrentState>,
    failed: Option<RunError>,
}

/// What the network gave for a sequence.
pub(crate) struct Ran {
    pub(crate) trajectories: Trajectories,
    /// The recurrent state that was to be kept.
    pub(crate) kept: Option<RecurrentState>,
}

/// Runs sequences, those whose next runs are equally long together, and gives the trajectory of each, in their order. An
/// error of the network on one history does not affect the others.
///
/// Adds the times of the queue and the network to `timing`.
pub(crate) async fn run_sequences(
    model: &Model,
    priority: Priority,
    mut sequences: Vec<Sequence>,
    timing: &mut Timing,
) -> Vec<Result<Ran, RunError>> {
    loop {
        let groups = groups(model, &sequences);
        if groups.is_empty() {
            return sequences.into_iter().map(Sequence::into_result).collect();
        }
        for (steps, members) in groups {
            run_group(model, priority, steps, &members, &mut sequences, timing).await;
        }
    }
}

/// The sequences that are not finished, by the length of their next runs, no group larger than the batch limit.
fn groups(model: &Model, sequences: &[Sequence]) -> Vec<(usize, Vec<usize>)> {
    let mut by_length = BTreeMap::<usize, Vec<usize>>::new();
    for (place, sequence) in sequences.iter().enumerate() {
        let left = sequence.inputs.steps() - sequence.done;
        if left > 0 && sequence.failed.is_none() {
            let steps = model.next_run(left);
            by_length.entry(steps).or_default().push(place);
        }
    }
    let groups = by_length.into_iter().flat_map(|(steps, members)| {
        let limit = model.batch_limit(steps);
        let groups = members.chunks(limit).map(|group| (steps, group.to_vec()));
        groups.collect::<Vec<_>>()
    });
    groups.collect()
}

async fn run_group(
    model: &Model,
    priority: Priority,
    steps: usize,
    members: &[usize],
    sequences: &mut [Sequence],
    timing: &mut Timing,
) {
    let batches = members.iter().map(|&member| sequences[member].next(steps));
    let mut batches: Vec<Batch> = batches.collect();
    let together = if batches.len() == 1 {
        batches.remove(0)
    } else {
        Batch::join(&batches.iter().collect::<Vec<_>>())
    };
    match run(model, priority, together, timing).await {
        Ok(trajectories) if members.len() == 1 => {
            sequences[members[0]].add(steps, Ok(trajectories));
        }
        Ok(trajectories) => {
            for (row, &member) in members.iter().enumerate() {
                sequences[member].add(steps, Ok(trajectories.part(row..row + 1)));
            }
        }
        Err(RunError::Network(_)) if members.len() > 1 => {
            // One sequence may have caused the error: each runs again alone.
            for (&member, batch) in members.iter().zip(batches) {
                let alone = run(model, priority, batch, timing).await;
                sequences[member].add(steps, alone);
            }
        }
        Err(error) => {
            for &member in members {
                sequences[member].add(steps, Err(error.clone()));
            }
        }
    }
}

impl Sequence {
    /// A sequence that begins with a recurrent state, zeros without one, and that keeps the one after so many steps: none, or
    /// those of whole chunks.
    pub(crate) fn new(
        inputs: Inputs,
        recurrent_state: Option<RecurrentState>,
        kept_after: Option<u64>,
    ) -> Self {
        let Inputs {
            numbers,
            categories,
        } = inputs;
        Self {
            inputs: Batch::of_steps(numbers, categories),
            done: 0,
            kept: recurrent_state.clone().filter(|_| kept_after == Some(0)),
            recurrent_state,
            chunks: Vec::with_capacity(1),
            kept_after,
            failed: None,
        }
    }

    /// The next steps, with the recurrent state before them.
    fn next(&mut self, steps: usize) -> Batch {
        self.inputs
            .steps_of(self.done..self.done + steps)
            .after(self.recurrent_state.take())
    }

    fn add(&mut self, steps: usize, ran: Result<Trajectories, RunError>) {
        match ran {
            Ok(trajectories) => {
                self.done += steps;
                if self.kept_after == Some(self.done as u64) {
                    self.kept = Some(trajectories.recurrent_state.clone());
                }
                if self.done < self.inputs.steps() {
                    self.recurrent_state = Some(trajectories.recurrent_state.clone());
                }
                self.chunks.push(trajectories);
            }
            Err(error) => self.failed = Some(error),
        }
    }

    fn into_result(self) -> Result<Ran, RunError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Ran {
                trajectories: Trajectories::continued(self.chunks),
                kept: self.kept,
            }),
        }
    }
}
