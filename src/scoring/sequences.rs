//! Runs of the sequences of histories: whole where steps are periods, in chunks where they are events.
//!
//! A sequence that explanations run gets the numbers of a scoring, since it is cut in the same way.

use std::collections::BTreeMap;

use crate::timed_run::run;
use crate::wanted::Wanted;
use microseg_encoding::Inputs;
use microseg_model::{Batch, Model, Priority, RecurrentState, RunError, Trajectories};
use microseg_timing::Timing;

/// The steps of one sequence, and where it begins.
#[derive(Debug, Clone)]
pub struct Steps {
    /// What the network reads, at least one step.
    pub inputs: Inputs,
    /// The recurrent state before the first step; `None` for zeros.
    pub after: Option<RecurrentState>,
}

/// One history on its way through the network.
pub(crate) struct Sequence {
    inputs: Batch,
    wanted: Wanted,
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
    /// Of the wanted steps.
    pub(crate) trajectories: Trajectories,
    pub(crate) wanted: Wanted,
    /// The recurrent state that was to be kept.
    pub(crate) kept: Option<RecurrentState>,
}

/// The batches that sequences run in; in each of them a sequence gets the numbers that it gets alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batches {
    /// Those of scorings, which others wait for: of few steps.
    OfScorings,
    /// Those that no scoring waits for: of more sequences where these are long.
    OfMany,
}

/// Runs sequences, those whose next runs are equally long together, and gives the trajectory of each, in their order. An
/// error of the network on one history does not affect the others.
///
/// Adds the times of the queue and the network to `timing`.
pub(crate) async fn run_sequences(
    model: &Model,
    batches: (Priority, Batches),
    mut sequences: Vec<Sequence>,
    timing: &mut Timing,
) -> Vec<Result<Ran, RunError>> {
    run_all(model, batches, &mut sequences, timing).await;
    sequences.into_iter().map(Sequence::into_result).collect()
}

/// Runs one sequence, and gives the trajectory of each chunk; together they are that of its scoring.
///
/// # Errors
/// [`RunError`] when the queue is full or the network fails.
pub async fn run_chunks(
    model: &Model,
    priority: Priority,
    steps: Steps,
    timing: &mut Timing,
) -> Result<Vec<Trajectories>, RunError> {
    let mut sequences = [Sequence::new(steps.inputs, steps.after, None)];
    let of_scorings = (priority, Batches::OfScorings);
    run_all(model, of_scorings, &mut sequences, timing).await;
    let [sequence] = sequences;
    sequence.failed.map_or(Ok(sequence.chunks), Err)
}

/// Runs sequences, those whose next runs are equally long together, and gives the end of each, in their order: a trajectory
/// that ends with its last step.
///
/// A number never depends on how many others are computed.
///
/// # Errors
/// [`RunError`] of the first sequence that has one.
pub async fn run_to_ends(
    model: &Model,
    batches: (Priority, Batches),
    sequences: Vec<Steps>,
    timing: &mut Timing,
) -> Result<Vec<Trajectories>, RunError> {
    let begin = |steps: Steps| Sequence::new(steps.inputs, steps.after, None).only([]);
    let mut sequences: Vec<Sequence> = sequences.into_iter().map(begin).collect();
    run_all(model, batches, &mut sequences, timing).await;
    let results = sequences.into_iter().map(Sequence::into_result);
    results.map(|ran| Ok(ran?.trajectories)).collect()
}

async fn run_all(
    model: &Model,
    (priority, batches): (Priority, Batches),
    sequences: &mut [Sequence],
    timing: &mut Timing,
) {
    loop {
        let groups = groups(model, batches, sequences);
        if groups.is_empty() {
            return;
        }
        for (steps, members) in groups {
            run_group(model, priority, (steps, &members), sequences, timing).await;
        }
    }
}

/// The sequences that are not finished, by the length of their next runs, no group larger than a batch may be.
fn groups(model: &Model, batches: Batches, sequences: &[Sequence]) -> Vec<(usize, Vec<usize>)> {
    let mut by_length = BTreeMap::<usize, Vec<usize>>::new();
    for (place, sequence) in sequences.iter().enumerate() {
        let left = sequence.inputs.steps() - sequence.done;
        if left > 0 && sequence.failed.is_none() {
            let steps = model.next_run(left);
            by_length.entry(steps).or_default().push(place);
        }
    }
    let groups = by_length.into_iter().flat_map(|(steps, members)| {
        let limit = match batches {
            Batches::OfScorings => model.batch_limit(steps),
            Batches::OfMany => model.batch_limit_of_many(steps),
        };
        let groups = members.chunks(limit).map(|group| (steps, group.to_vec()));
        groups.collect::<Vec<_>>()
    });
    groups.collect()
}

async fn run_group(
    model: &Model,
    priority: Priority,
    (steps, members): (usize, &[usize]),
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
        Ok(trajectories) => {
            for (row, &member) in members.iter().enumerate() {
                sequences[member].add(steps, Ok((&trajectories, row)));
            }
        }
        Err(RunError::Network(_)) if members.len() > 1 => {
            // One sequence may have caused the error: each runs again alone.
            for (&member, batch) in members.iter().zip(batches) {
                let alone = run(model, priority, batch, timing).await;
                sequences[member].add(
                    steps,
                    alone.as_ref().map(|alone| (alone, 0)).map_err(Clone::clone),
                );
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
            wanted: Wanted::All,
            done: 0,
            kept: recurrent_state.clone().filter(|_| kept_after == Some(0)),
            recurrent_state,
            chunks: Vec::with_capacity(1),
            kept_after,
            failed: None,
        }
    }

    /// The same, of which only some steps are wanted, with the last one.
    pub(crate) fn only(self, steps: impl IntoIterator<Item = usize>) -> Self {
        Self {
            wanted: Wanted::only(steps, self.inputs.steps()),
            ..self
        }
    }

    /// The next steps, with the recurrent state before them.
    fn next(&mut self, steps: usize) -> Batch {
        self.inputs
            .steps_of(self.done..self.done + steps)
            .after(self.recurrent_state.take())
    }

    /// Adds one row of a run of the next steps.
    fn add(&mut self, steps: usize, ran: Result<(&Trajectories, usize), RunError>) {
        match ran {
            Ok((run, row)) => {
                let begin = self.done;
                self.done += steps;
                let own = self.wanted.of(run, row, begin..self.done);
                if self.kept_after == Some(self.done as u64) {
                    self.kept = Some(own.recurrent_state.clone());
                }
                if self.done < self.inputs.steps() {
                    self.recurrent_state = Some(own.recurrent_state.clone());
                }
                self.chunks.push(own);
            }
            Err(error) => self.failed = Some(error),
        }
    }

    fn into_result(self) -> Result<Ran, RunError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Ran {
                trajectories: Trajectories::continued(self.chunks),
                wanted: self.wanted,
                kept: self.kept,
            }),
        }
    }
}
