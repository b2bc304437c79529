//! Batch invariance: whether a sequence has the same bits in a batch as alone, in steps as at once, and twice.
//!
//! A runtime may promise it ([`Guarantees`](microseg_runtime::Guarantees)). Where it does not, it is measured when the model
//! is loaded, and batches are no larger than what was measured to be invariant. A network may change the last bit of few
//! sequences only, so hundreds are tried, as many as the time allows. No runtime promises that two
//! runs of one batch are equal: this is always measured.

use std::time::{Duration, Instant};

use ndarray::Axis;

use super::batch_size::{BatchSize, BatchSizes};
use super::chunks::Runs;
use super::sized_network::run_in_fixed_size;
use super::trial_steps::TrialSteps;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState, Trajectories};

/// Sequences beyond which a larger batch makes a sequence no cheaper.
const MOST_SEQUENCES: usize = 1_024;

/// Sequences of a batch of a fixed size, where a network needs one. Up to so many a step costs little more than that of one
/// sequence alone.
const FIXED_SIZE: usize = 16;

/// Different sequences that take turns in a batch: of each length first, then as often as there is time.
const FIRST: usize = 5;
const DIFFERENT: usize = 32;

/// Rounds in which every size of a batch is tried: sequences matter more than sizes, and a run of each size takes long.
const ROUNDS: usize = 4;

/// The time after which no more are tried, once each length was.
const BUDGET: Duration = Duration::from_secs(1);

/// How a network can be run without changing its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchInvariance {
    /// How many sequences run together.
    pub(super) sizes: BatchSizes,
    /// Whether a run that is continued from a recurrent state gives the numbers of one run over both parts.
    pub(super) continuable: bool,
}

impl BatchInvariance {
    /// Runs sequences of every length, made of `tried`, in batches of every size, as far as the runtime makes no promise; beyond
    /// the first of each length up to `enough` more, as far as there is time. Where `may_fix` is set, a network that changes
    /// numbers in a batch gets batches of one fixed size.
    ///
    /// Whether it does is decided by the first sequences of each length, which are the same in every process: a server must
    /// give the numbers that another one recorded.
    ///
    /// # Errors
    /// [`NetworkError::Unsteady`] when a sequence has other numbers in a second run.
    pub(super) fn measure(
        network: &dyn Network,
        mut tried: TrialSteps,
        runs: &Runs,
        enough: usize,
        may_fix: bool,
    ) -> Result<Self, NetworkError> {
        let begun = Instant::now();
        let mut found = Self {
            sizes: BatchSizes::all(BatchSize::UpTo(MOST_SEQUENCES.min(runs.most(1)))),
            continuable: true,
        };
        let mut first = Vec::new();
        for (round, length) in runs.lengths().iter().copied().enumerate() {
            let sequences = tried.sequences(FIRST, length);
            let alone: Result<_, _> = sequences.iter().map(|one| network.run_twice(one)).collect();
            found.try_sequences(network, &sequences, alone?, runs, round)?;
            if may_fix {
                first.push(sequences);
            }
        }
        if may_fix {
            found.fix_sizes(network, &first)?;
        }
        let mut sequences_tried = 0;
        for (round, length) in runs.lengths().iter().copied().rev().cycle().enumerate() {
            if found.is_known() || sequences_tried >= enough || begun.elapsed() >= BUDGET {
                break;
            }
            let sequences = tried.sequences(DIFFERENT, length);
            let alone = each_alone(network, &sequences)?;
            found.try_sequences(network, &sequences, alone, runs, round)?;
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
        runs: &Runs,
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
            let BatchSize::UpTo(most) = self.sizes.of_mut(length) else {
                return Ok(());
            };
            let tried = (*most).min(runs.most(length));
            if let Some(limit) = limit(network, sequences, &alone, sizes(tried, round))? {
                *most = limit;
            }
            let sizes = sizes(*most, round);
            if length == 1
                && let Some(limit) = limit_when_continued(network, sequences, alone, sizes)?
            {
                *most = limit;
            }
        }
        Ok(())
    }

    /// Whether more sequences cannot lower what was found.
    fn is_known(&self) -> bool {
        let is_lowest =
            |size: BatchSize| matches!(size, BatchSize::UpTo(1) | BatchSize::Exactly(_));
        is_lowest(self.sizes.one_step) && is_lowest(self.sizes.several_steps) && !self.continuable
    }

    /// Fixes the size of batches where sequences change each other's numbers, if they keep them in batches of one size.
    /// `tried` has sequences of one length each.
    fn fix_sizes(
        &mut self,
        network: &dyn Network,
        tried: &[Vec<Batch>],
    ) -> Result<(), NetworkError> {
        for length in [1, 2] {
            if self.sizes.of(length) != BatchSize::UpTo(1) {
                continue;
            }
            let is_alike = |tried: &&Vec<Batch>| (tried[0].steps() == 1) == (length == 1);
            let mut keeps = true;
            for sequences in tried.iter().filter(is_alike) {
                keeps = keeps && keeps_numbers_in_fixed_size(network, sequences)?;
            }
            if keeps {
                *self.sizes.of_mut(length) = BatchSize::Exactly(FIXED_SIZE);
            }
        }
        Ok(())
    }
}

/// Whether sequences of one length have the same numbers at every place of a batch of the fixed size, and beside any others.
fn keeps_numbers_in_fixed_size(
    network: &dyn Network,
    sequences: &[Batch],
) -> Result<bool, NetworkError> {
    let alone = sequences.iter();
    let alone = alone.map(|sequence| run_in_fixed_size(network, sequence, FIXED_SIZE));
    let alone = alone.collect::<Result<Vec<_>, _>>()?;
    for turn in 0..FIXED_SIZE {
        let chosen = |place: usize| (place + turn) % sequences.len();
        let members: Vec<_> = (0..FIXED_SIZE)
            .map(|place| &sequences[chosen(place)])
            .collect();
        let together = network.run(&Batch::join(&members))?;
        let mut places = 0..FIXED_SIZE;
        let same = places.all(|place| {
            let part = together.part(place..place + 1);
            part.difference(&alone[chosen(place)]).is_none()
        });
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
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

    use ndarray::{Array3, array};

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
            Ok(given_back(self, states))
        }
    }

    /// States that are outputs too.
    fn given_back(network: &dyn Network, states: Array3<f32>) -> Trajectories {
        Trajectories {
            recurrent_state: network.zero_state(states.len_of(Axis(0))),
            outputs: states.clone(),
            states,
        }
    }

    fn measured(one_in: u32) -> BatchSize {
        let golden = array![[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]];
        let tried = TrialSteps::new(golden, array![[], []], Vec::new(), true);
        let shape = Shape::lstm(3, 1, 3, 3);
        let found = BatchInvariance::measure(
            &Rounding { one_in, shape },
            tried,
            &Runs::of_periods(4, 128),
            512,
            false,
        );
        found.unwrap().sizes.several_steps
    }

    #[test]
    fn difference_of_few_sequences_is_found() {
        assert_eq!(measured(40), BatchSize::UpTo(1));
        assert_eq!(measured(u32::MAX), BatchSize::UpTo(128));
    }

    /// A network whose numbers depend on the size of its batch, and where `at_places` is set also on the place in it.
    struct Sized {
        at_places: bool,
        shape: Shape,
    }

    impl Network for Sized {
        fn shape(&self) -> &Shape {
            &self.shape
        }

        fn guarantees(&self) -> Guarantees {
            Guarantees::NONE
        }

        fn run(&self, batch: &Batch) -> Result<Trajectories, NetworkError> {
            let mut states = batch.numbers().clone();
            for (place, mut sequence) in states.outer_iter_mut().enumerate() {
                let place = if self.at_places { place } else { 0 };
                let changed = u16::try_from(batch.sequences() + place).unwrap();
                sequence.mapv_inplace(|number| number + f32::from(changed));
            }
            Ok(given_back(self, states))
        }
    }

    fn sizes_of(at_places: bool, may_fix: bool) -> BatchSizes {
        let tried = TrialSteps::new(array![[0.5]], array![[]], Vec::new(), false);
        let network = Sized {
            at_places,
            shape: Shape::lstm(1, 1, 1, 1),
        };
        let found =
            BatchInvariance::measure(&network, tried, &Runs::of_periods(2, 64), 512, may_fix);
        found.unwrap().sizes
    }

    #[test]
    fn network_that_depends_on_the_size_gets_batches_of_one_size() {
        let fixed = BatchSizes::all(BatchSize::Exactly(FIXED_SIZE));
        let alone = BatchSizes::all(BatchSize::UpTo(1));
        assert_eq!(sizes_of(false, true), fixed);
        assert_eq!(sizes_of(true, true), alone);
        assert_eq!(sizes_of(false, false), alone);
    }

    #[test]
    fn sequences_have_the_same_numbers_in_batches_of_any_number_of_them() {
        let network = Sized {
            at_places: false,
            shape: Shape::lstm(1, 1, 1, 1),
        };
        let mut tried = TrialSteps::new(array![[0.5]], array![[]], Vec::new(), false);
        let sequences = tried.sequences(FIXED_SIZE * 2 + 1, 2);
        let all = Batch::join(&sequences.iter().collect::<Vec<_>>());
        let together = run_in_fixed_size(&network, &all, FIXED_SIZE).unwrap();
        assert_eq!(together.states.len_of(Axis(0)), sequences.len());
        for (place, sequence) in sequences.iter().enumerate() {
            let alone = run_in_fixed_size(&network, sequence, FIXED_SIZE).unwrap();
            let part = together.part(place..place + 1);
            assert!(part.difference(&alone).is_none(), "{place}");
        }
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
