//! Batch invariance: whether a sequence has the same bits in a batch as alone, and in steps as at once.
//!
//! A runtime may promise it ([`Guarantees`](microseg_runtime::Guarantees)). Where it does not, it is measured when the model
//! is loaded, and batches are no larger than what was measured to be invariant.

use std::ops::RangeInclusive;

use ndarray::{Array2, Array3, Axis, Slice};

use microseg_runtime::{Batch, Network, NetworkError, RecurrentState, Trajectories};

/// Sequences beyond which a larger batch makes a sequence no cheaper.
const MOST_SEQUENCES: usize = 1_024;

/// Different sequences that take turns in a batch.
const DIFFERENT: usize = 5;

/// How a network can be run without changing its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchInvariance {
    /// How many sequences may run together, at least 1.
    pub(super) sequences: usize,
    /// Whether a run that is continued from a recurrent state gives the numbers of one run over both parts.
    pub(super) continuable: bool,
}

impl BatchInvariance {
    /// Runs sequences of every length in `lengths`, made of `rows` `[N, K]`, in batches of up to `steps` steps, as far as the
    /// runtime makes no promise.
    pub(super) fn measure(
        network: &dyn Network,
        rows: &Array2<f32>,
        lengths: RangeInclusive<usize>,
        steps: usize,
    ) -> Result<Self, NetworkError> {
        let guarantees = network.guarantees();
        let mut most = MOST_SEQUENCES.min(steps.max(1));
        let mut continuable = true;
        for length in lengths {
            let sequences = sequences(rows, length);
            let alone = each_alone(network, &sequences)?;
            if !guarantees.continuable && length > 1 {
                continuable &= is_same_in_steps(network, &sequences[0], &alone[0])?;
            }
            if !guarantees.batch_invariant {
                let tried = most.min((steps / length).max(1));
                let found = invariant_size(network, &sequences, &alone, tried)?;
                if found < tried {
                    most = found;
                }
                if length == 1 {
                    most = most.min(invariant_when_continued(network, &sequences, alone, most)?);
                }
            }
        }
        Ok(Self {
            sequences: most,
            continuable,
        })
    }
}

/// Sequences of so many steps, each made of other rows.
fn sequences(rows: &Array2<f32>, length: usize) -> Vec<Batch> {
    (0..DIFFERENT)
        .map(|sequence| {
            let mut inputs = Array3::zeros((1, length, rows.ncols()));
            for (step, mut input) in inputs.axis_iter_mut(Axis(1)).enumerate() {
                let row = (sequence * 11 + step * 3 + 1) % rows.nrows();
                input.row_mut(0).assign(&rows.row(row));
            }
            Batch::new(inputs)
        })
        .collect()
}

fn each_alone(network: &dyn Network, batches: &[Batch]) -> Result<Vec<Trajectories>, NetworkError> {
    batches.iter().map(|batch| network.run(batch)).collect()
}

/// The largest invariant size of sequences of one step that are continued from a recurrent state.
fn invariant_when_continued(
    network: &dyn Network,
    first_steps: &[Batch],
    ended: Vec<Trajectories>,
    most: usize,
) -> Result<usize, NetworkError> {
    let second_steps: Vec<Batch> = first_steps
        .iter()
        .zip(ended)
        .map(|(batch, run)| Batch::continued(batch.inputs().clone(), run.recurrent_state))
        .collect();
    let alone = each_alone(network, &second_steps)?;
    invariant_size(network, &second_steps, &alone, most)
}

/// The largest number of sequences, at most `most`, that do not change each other's numbers; 1 when two already do.
fn invariant_size(
    network: &dyn Network,
    sequences: &[Batch],
    alone: &[Trajectories],
    most: usize,
) -> Result<usize, NetworkError> {
    let mut invariant = 1;
    for size in sizes(most) {
        // Another sequence comes first each time, so that each is tried at many places.
        let chosen = |place: usize| (place * 7 + size) % sequences.len();
        let members: Vec<_> = (0..size).map(|place| &sequences[chosen(place)]).collect();
        let together = network.run(&Batch::join(&members))?;
        let same = (0..size)
            .all(|place| same_bits(&together.part(place..place + 1), &alone[chosen(place)]));
        if !same {
            break;
        }
        invariant = size;
    }
    Ok(invariant)
}

/// Every size up to 32, beyond it those around the multiples that kernels are written for, and `most` at the end.
fn sizes(most: usize) -> impl Iterator<Item = usize> {
    let around = |multiple: usize| [multiple - 1, multiple, multiple + 1];
    let multiples = (3..)
        .map(|number| number * 16)
        .take_while(move |&size| size <= most);
    let larger = multiples.filter(|size| *size <= 128 || size % 128 == 0);
    (1..=32)
        .chain(larger.flat_map(around))
        .filter(move |&size| size < most)
        .chain([most])
}

fn is_same_in_steps(
    network: &dyn Network,
    sequence: &Batch,
    at_once: &Trajectories,
) -> Result<bool, NetworkError> {
    let steps = sequence.inputs().len_of(Axis(1));
    let mut before: Option<RecurrentState> = None;
    for step in 0..steps {
        let input = sequence.inputs();
        let input = input
            .slice_axis(Axis(1), Slice::from(step..=step))
            .to_owned();
        let batch = match before.take() {
            Some(state) => Batch::continued(input, state),
            None => Batch::new(input),
        };
        let run = network.run(&batch)?;
        let state = at_once.states.index_axis(Axis(1), step);
        let outputs = at_once.outputs.index_axis(Axis(1), step);
        let same =
            same_numbers(run.final_states(), state) && same_numbers(run.final_outputs(), outputs);
        if !same {
            return Ok(false);
        }
        before = Some(run.recurrent_state);
    }
    Ok(true)
}

fn same_bits(one: &Trajectories, other: &Trajectories) -> bool {
    let (state, other_state) = (&one.recurrent_state, &other.recurrent_state);
    same_numbers(&one.states, &other.states)
        && same_numbers(&one.outputs, &other.outputs)
        && state
            .values()
            .zip(other_state.values())
            .all(|(one, other)| same_numbers(one, other))
}

fn same_numbers<'a>(
    one: impl IntoIterator<Item = &'a f32>,
    other: impl IntoIterator<Item = &'a f32>,
) -> bool {
    one.into_iter()
        .zip(other)
        .all(|(one, other)| one.to_bits() == other.to_bits())
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_go_up_to_the_largest() {
        assert_eq!(sizes(1).collect::<Vec<_>>(), [1]);
        assert_eq!(sizes(3).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(
            sizes(170)
                .collect::<Vec<_>>()
                .ends_with(&[127, 128, 129, 170])
        );
        assert!(sizes(1_000).is_sorted());
    }
}
