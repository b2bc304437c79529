//! Whether a network gives a sequence the same numbers in company as alone, and in steps as at once, to the last bit.
//!
//! Nothing in libtorch promises it: a matrix product of other sizes may add in another order. So it is tried out when
//! the model is loaded, and batches are no larger than what was seen to be steady.

use std::ops::RangeInclusive;

use ndarray::{Array2, Array3, Axis, Slice};

use super::network::{Network, NetworkError};
use super::{Batch, Memory, Trajectories};

/// Beyond so many sequences a run costs no less for each.
const MOST_SEQUENCES: usize = 1_024;

/// Different sequences that take turns in a batch.
const DIFFERENT: usize = 5;

/// What can be done with a network without changing its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steadiness {
    /// So many sequences may run together, at least 1.
    pub(super) together: usize,
    /// Whether a run that goes on from the memory of another gives what both give at once.
    pub(super) continues: bool,
}

/// Tries out sequences of every length in `lengths`, made of `rows` `[N, K]`, in batches of up to `steps` steps.
pub(super) fn probe(
    network: &Network,
    rows: &Array2<f32>,
    lengths: RangeInclusive<usize>,
    steps: usize,
) -> Result<Steadiness, NetworkError> {
    let mut together = MOST_SEQUENCES.min(steps.max(1));
    let mut continues = true;
    for length in lengths {
        let sequences = sequences(rows, length);
        let alone = each_alone(network, &sequences)?;
        let most = together.min((steps / length).max(1));
        let steady = steady_size(network, &sequences, &alone, most)?;
        if steady < most {
            together = steady;
        }
        continues &= length == 1 || is_the_same_in_steps(network, &sequences[0], &alone[0])?;
        if length == 1 {
            // Going on from a memory is a sequence of one step as well.
            let memories: Vec<Memory> = alone.into_iter().map(|run| run.memory).collect();
            let second_steps: Vec<Batch> = sequences
                .iter()
                .zip(memories)
                .map(|(batch, memory)| Batch::continued(batch.inputs().clone(), memory))
                .collect();
            let alone = each_alone(network, &second_steps)?;
            let steady = steady_size(network, &second_steps, &alone, together)?;
            together = together.min(steady);
        }
    }
    Ok(Steadiness {
        together,
        continues,
    })
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

fn each_alone(network: &Network, batches: &[Batch]) -> Result<Vec<Trajectories>, NetworkError> {
    batches.iter().map(|batch| network.run(batch)).collect()
}

/// The largest number of sequences, at most `most`, that leave each other's numbers alone; 1 when two already do not.
fn steady_size(
    network: &Network,
    sequences: &[Batch],
    alone: &[Trajectories],
    most: usize,
) -> Result<usize, NetworkError> {
    let mut steady = 1;
    for size in sizes(most) {
        // Another sequence comes first each time, so that each stands at many places.
        let chosen = |place: usize| (place * 7 + size) % sequences.len();
        let members: Vec<_> = (0..size).map(|place| &sequences[chosen(place)]).collect();
        let together = network.run(&Batch::join(&members))?;
        let same = (0..size)
            .all(|place| same_bits(&together.part(place..place + 1), &alone[chosen(place)]));
        if !same {
            break;
        }
        steady = size;
    }
    Ok(steady)
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

fn is_the_same_in_steps(
    network: &Network,
    sequence: &Batch,
    at_once: &Trajectories,
) -> Result<bool, NetworkError> {
    let steps = sequence.inputs().len_of(Axis(1));
    let mut memory: Option<Memory> = None;
    for step in 0..steps {
        let input = sequence.inputs();
        let input = input
            .slice_axis(Axis(1), Slice::from(step..=step))
            .to_owned();
        let batch = match memory.take() {
            Some(memory) => Batch::continued(input, memory),
            None => Batch::new(input),
        };
        let run = network.run(&batch)?;
        let state = at_once.states.index_axis(Axis(1), step);
        let outputs = at_once.outputs.index_axis(Axis(1), step);
        let same = same_numbers(run.final_states().iter(), state.iter())
            && same_numbers(run.final_outputs().iter(), outputs.iter());
        if !same {
            return Ok(false);
        }
        memory = Some(run.memory);
    }
    Ok(true)
}

fn same_bits(one: &Trajectories, other: &Trajectories) -> bool {
    let pairs = [
        (&one.states, &other.states),
        (&one.outputs, &other.outputs),
        (&one.memory.hidden, &other.memory.hidden),
        (&one.memory.cell, &other.memory.cell),
    ];
    pairs
        .into_iter()
        .all(|(one, other)| same_numbers(one.iter(), other.iter()))
}

fn same_numbers<'a>(
    one: impl Iterator<Item = &'a f32>,
    other: impl Iterator<Item = &'a f32>,
) -> bool {
    one.zip(other)
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
