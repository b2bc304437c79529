//! Checkpoints of a customer's run: the recurrent states between the chunks that scoring cuts a sequence into.
//!
//! A sequence that begins as the customer's does needs no run of what both have in common. It may go on from a checkpoint
//! only where its own chunks end too, so that its numbers have the bits of a run from the beginning.

use ndarray::{Axis, Slice};

use microseg_model::{Model, RecurrentState, Trajectories};

/// The end of one of the customer's chunks.
pub(crate) struct Checkpoint {
    /// How many steps there are up to here.
    pub(crate) steps: usize,
    pub(crate) state: RecurrentState,
    /// The last step of them.
    pub(crate) end: Trajectories,
}

/// The checkpoints of a run, oldest first.
pub(crate) struct Checkpoints(Vec<Checkpoint>);

impl Checkpoints {
    /// From the chunks of the customer's run.
    pub(super) fn new(chunks: &[Trajectories]) -> Self {
        let mut steps = 0;
        let ends = chunks.iter().map(|chunk| {
            steps += chunk.states.len_of(Axis(1));
            Checkpoint {
                steps,
                state: chunk.recurrent_state.clone(),
                end: last_step(chunk),
            }
        });
        Self(ends.collect())
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Checkpoint> {
        self.0.iter()
    }

    /// The latest one that a sequence of so many steps may go on from, if `common` of its first steps are the customer's. Of a
    /// sequence that begins at a checkpoint itself, the chunks are counted from there.
    pub(super) fn before(
        &self,
        model: &Model,
        (common, steps): (usize, usize),
        begin: usize,
    ) -> Option<&Checkpoint> {
        let ends = chunk_ends(model, steps - begin);
        let is_end = |end: usize| end == begin || ends.contains(&(end - begin));
        self.0
            .iter()
            .rev()
            .filter(|one| one.steps >= begin && one.steps <= common && one.steps < steps)
            .find(|one| is_end(one.steps))
    }
}

/// Where the chunks of so many steps end.
fn chunk_ends(model: &Model, steps: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut done = 0;
    while done < steps {
        done += model.next_run(steps - done);
        ends.push(done);
    }
    ends
}

fn last_step(chunk: &Trajectories) -> Trajectories {
    let last = Slice::from(-1..);
    Trajectories {
        states: chunk.states.slice_axis(Axis(1), last).to_owned(),
        outputs: chunk.outputs.slice_axis(Axis(1), last).to_owned(),
        recurrent_state: chunk.recurrent_state.clone(),
    }
}
