//! Batch invariance: whether a sequence has the same bits in a batch as alone, in steps as at once, and twice.
//!
//! A runtime may promise it ([`Guarantees`](microseg_runtime::Guarantees)). Where it does not, it is measured when the model
//! is loaded, and batches are no larger than what was measured to be invariant. A network may change the last bit of few
//! sequences only, so hundreds are tried, as many as the time allows. No runtime promises that two
//! runs of one batch are equal: this is always measured.

use std::time::{Duration, Instant};

use ndarray::Axis;

use super::trial_steps::TrialSteps;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState, Trajectories};

/// Sequences beyond which a larger batch makes a sequence no cheaper.
const MOST_SEQUENCES: usize = 1_024;

/// Different sequences that take turns in a batch: of each length first, then as often as there is time.
const FIRST: usize = 5;
const DIFFERENT: usize = 32;

/// Rounds in which every size of a batch is tried: sequences matter more than sizes, and a run of each size takes long.
const ROUNDS: usize = 4;

/// Sequences that are enough: a difference that one of 150 shows is missed once in thirty loads.
const ENOUGH: usize = 512;

/// The time after which no more are tried, once each length was.
const BUDGET: Duration = Duration::from_secs(1);

/// How a network can be run without changing its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchInvariance {
    /// How many sequences may run together, at least 1.
    pub(super) sequences: usize,
    /// Whether a run that is continued from a recurrent state gives the numbers of one run over both parts.
    pub(super) continuable: bool,
}

impl BatchInvariance {
    /// Runs sequences of every length in `lengths`, made of `tried`, in batches of up to `steps` steps, as far as the runtime
    /// makes no promise.
    ///
    /// # Errors
    /// [`NetworkError::Unsteady`] when a sequence has other numbers in a second run.
    pub(super) fn measure(
        network: &dyn Network,
        mut tried: TrialSteps,
        lengths: &[usize],
        steps: usize,
    ) -> Result<Self, NetworkError> {
        let begun = Instant::now();
        let mut found = Self {
            sequences: MOST_SEQUENCES.min(steps.max(1)),
            continuable: true,
        };
        for (round, length) in lengths.iter().copied().enumerate() {
            let sequences = tried.sequences(FIRST, length);
            let alone: Result<_, _> = sequences.iter().map(|one| network.run_twice(one)).collect();
            found.try_sequences(network, &sequences, alone?, steps, round)?;
        }
        let mut sequences_tried = 0;
        for (round, length) in lengths.iter().copied().rev().cycle().enumerate() {
            let is_known = found.sequences == 1 && !found.continuable;
            if is_known || sequences_tried >= ENOUGH || begun.elapsed() >= BUDGET {
                break;
            }
            let sequences = tried.sequences(DIFFERENT, length);
            let alone = each_alone(network, &sequences)?;
            found.try_sequences(network, &sequences, alone, steps, round)?;
            sequences_tried += DIFFERENT;
        }
        tracing::debug!(sequences_tried, took = ?begun.elapsed(), "tried sequences in batches");
        Ok(found)
    }

    /// Lowers what was found so far to what holds for these sequences, which are of one length. `alone` has the numbers of
    /// each by itself. Every size of a batch is tried once in [`ROUNDS`] rounds.
    fn try_sequences(
        &mut self,
        network: &dyn Network,
        sequences: &[Batch],
        alone: Vec<Trajectories>,
        steps: usize,
        round: usize,
    ) -> Result<(), NetworkError> {
        let guarantees = network.guarantees();
        let length = sequences[0].steps();
        if !guarantees.continuable && length > 1 {
            for (sequence, alone) in sequences.iter().zip(&alone).take(FIRST) {
                self.continuable = self.continuable && is_same_in_steps(network, sequence, alone)?;
            }
        }
        if !guarantees.batch_invariant {
            let tried = self.sequences.min((steps / length).max(1));
            if let Some(limit) = limit(network, sequences, &alone, sizes(tried, round))? {
                self.sequences = limit;
            }
            let sizes = sizes(self.sequences, round);
            if length == 1
                && let Some(limit) = limit_when_continued(network, sequences, alone, sizes)?
            {
                self.sequences = limit;
            }
        }
        Ok(())
    }
}

fn each_alone(network: &dyn Network, batches: &[Batch]) -> Result<Vec<Trajectories>, NetworkError> {
    batches.iter().map(|batch| network.run(batch)).collect()
}

/// The [`limit`] of sequences of one step that are continued from a recurrent state.
fn limit_when_continued(
    network: &dyn Network,
    first_steps: &[Batch],
    ended: Vec<Trajectories>,
    sizes: impl Iterator<Item = usize>,
) -> Result<Option<usize>, NetworkError> {
    let second_steps: Vec<Batch> = first_steps
        .iter()
        .zip(ended)
        .map(|(batch, run)| batch.clone().after(Some(run.recurrent_state)))
        .collect();
    let alone = each_alone(network, &second_steps)?;
    limit(network, &second_steps, &alone, sizes)
}

/// The largest number of sequences that do not change each other's numbers, when one of these `sizes`, in their order, does;
/// 1 when the smallest already does.
fn limit(
    network: &dyn Network,
    sequences: &[Batch],
    alone: &[Trajectories],
    sizes: impl Iterator<Item = usize>,
) -> Result<Option<usize>, NetworkError> {
    let mut invariant = 1;
    for size in sizes.filter(|&size| size > 1) {
        // As many batches as it takes for each sequence to be in one of them.
        for batch in 0..sequences.len().div_ceil(size) {
            // Another sequence comes first each time, so that each is tried at many places.
            let chosen = |place: usize| (batch * size + place * 7 + size) % sequences.len();
            let members: Vec<_> = (0..size).map(|place| &sequences[chosen(place)]).collect();
            let together = network.run(&Batch::join(&members))?;
            let same = (0..size).all(|place| {
                let part = together.part(place..place + 1);
                part.difference(&alone[chosen(place)]).is_none()
            });
            if !same {
                return Ok(Some(invariant));
            }
        }
        invariant = size;
    }
    Ok(None)
}

/// The sizes of a round: 2, and every [`ROUNDS`]th of the others. These are all up to 33, beyond it those around the multiples
/// that kernels are written for, and `most`.
fn sizes(most: usize, round: usize) -> impl Iterator<Item = usize> {
    let around = |multiple: usize| [multiple - 1, multiple, multiple + 1];
    let larger = [48, 64, 96, 128, 256, 512].into_iter().flat_map(around);
    let others = (3..=33).chain(larger).filter(move |&size| size < most);
    let of_round = others.chain([most]).skip(round % ROUNDS).step_by(ROUNDS);
    [2].into_iter()
        .filter(move |&size| size < most)
        .chain(of_round)
}

fn is_same_in_steps(
    network: &dyn Network,
    sequence: &Batch,
    at_once: &Trajectories,
) -> Result<bool, NetworkError> {
    let mut before: Option<RecurrentState> = None;
    for step in 0..sequence.steps() {
        let run = network.run(&sequence.steps_of(step..step + 1).after(before.take()))?;
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
    use std::collections::BTreeSet;

    use ndarray::array;

    use super::*;
    use microseg_runtime::Guarantees;
    use microseg_space::Shape;

    /// A network that gives its input back, and other bits to one sequence in `one_in` when it runs with others.
    struct Rounding {
        one_in: u32,
        shape: Shape,
    }

    impl Network for Rounding {
        fn shape(&self) -> &Shape {
            &self.shape
        }

        fn guarantees(&self) -> Guarantees {
            Guarantees::NONE
        }

        fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
            let mut states = batch.numbers().clone();
            if batch.sequences() > 1 {
                for mut sequence in states.outer_iter_mut() {
                    let bits: u32 = sequence.iter().map(|number| number.to_bits() >> 3).sum();
                    if (bits + 1).is_multiple_of(self.one_in) {
                        sequence[(0, 0)] += 1e-7;
                    }
                }
            }
            Ok(Trajectories {
                outputs: states.clone(),
                states,
                recurrent_state: self.zero_state(batch.sequences()),
            })
        }
    }

    fn measured(one_in: u32) -> usize {
        let golden = array![[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]];
        let tried = TrialSteps::new(golden, array![[], []], Vec::new(), true);
        let shape = Shape::lstm(3, 1, 3, 3);
        let found =
            BatchInvariance::measure(&Rounding { one_in, shape }, tried, &[1, 2, 3, 4], 128);
        found.unwrap().sequences
    }

    #[test]
    fn difference_of_few_sequences_is_found() {
        assert_eq!(measured(40), 1);
        assert_eq!(measured(u32::MAX), 128);
    }

    #[test]
    fn sizes_go_up_to_the_largest() {
        assert_eq!(sizes(1, 0).collect::<Vec<_>>(), [1]);
        assert_eq!(sizes(9, 0).collect::<Vec<_>>(), [2, 3, 7]);
        assert_eq!(sizes(9, 5).collect::<Vec<_>>(), [2, 4, 8]);
        assert_eq!(sizes(9, 6).collect::<Vec<_>>(), [2, 5, 9]);
        let of_all_rounds: BTreeSet<_> = (0..ROUNDS).flat_map(|round| sizes(170, round)).collect();
        assert!((2..=33).all(|size| of_all_rounds.contains(&size)));
        assert!(
            [127, 128, 129, 170]
                .iter()
                .all(|size| of_all_rounds.contains(size))
        );
        assert!(sizes(1_000, 1).is_sorted());
    }
}
