//! Runs of a network: of how many steps, and how many sequences together.
//!
//! Sequences of periods run whole. Long sequences of events run in chunks of a few fixed lengths, so that sequences of any
//! lengths run together without padding.
//!
//! A chunk carries the recurrent state to the next one. How a sequence is cut depends on its length alone, so its numbers
//! do not depend on what else is run.

use crate::manifest::Manifest;
use microseg_encoding::{CHECKPOINT_STEPS, Step};

/// The lengths of chunks, longest first. Batches of 8 to 64 sequences of 64 to 256 steps are what libtorch runs best.
const CHUNKS: [usize; 9] = [CHECKPOINT_STEPS, 128, 64, 32, 16, 8, 4, 2, 1];

/// How many of so many steps, at least one, the next chunk has.
pub(crate) fn next_chunk(steps: usize) -> usize {
    let fits = CHUNKS.into_iter().find(|&chunk| chunk <= steps);
    fits.unwrap_or(1)
}

/// The sequences of a batch that no scoring waits for, at least, however long they are.
pub const MANY_SEQUENCES: usize = 64;

/// The chunks of scorings that run together, however long they are: fewer leave half of the speed unused, and a scoring that
/// waits for more waits longer.
const CHUNKS_TOGETHER: usize = 32;

/// The runs of one network.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    lengths: Vec<usize>,
    /// The sequences that run together, however long they are.
    together: usize,
    /// The steps of a batch.
    batch_steps: usize,
}

impl Runs {
    /// Those of a window of periods.
    pub(super) fn of_periods(most: usize, batch_steps: usize) -> Self {
        Self {
            lengths: (1..=most).collect(),
            together: 1,
            batch_steps,
        }
    }

    /// Those of the network of a bundle, in batches of up to so many steps.
    pub(super) fn of(manifest: &Manifest, batch_steps: usize) -> Self {
        let most = manifest.most_steps().unwrap_or(usize::MAX);
        match manifest.declaration().step() {
            Step::Event => Self {
                lengths: CHUNKS
                    .into_iter()
                    .rev()
                    .filter(|&chunk| chunk <= most)
                    .collect(),
                together: CHUNKS_TOGETHER,
                batch_steps,
            },
            _ => Self::of_periods(most, batch_steps),
        }
    }

    /// The lengths, shortest first: all up to the window, or those of chunks.
    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// The most steps of one run.
    pub(super) fn longest(&self) -> usize {
        self.lengths.last().copied().unwrap_or(1)
    }

    /// How many sequences of so many steps a batch of scorings may have, at least 1.
    pub(super) fn affordable(&self, steps: usize) -> usize {
        (self.batch_steps / steps.max(1)).max(self.together)
    }

    /// The most sequences of so many steps that any batch has.
    pub(super) fn most(&self, steps: usize) -> usize {
        self.affordable(steps).max(MANY_SEQUENCES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_a_sequence_are_all_of_its_steps() {
        for steps in [1, 2, 3, 255, 256, 257, 2_000] {
            let mut left = steps;
            let mut chunks = Vec::new();
            while left > 0 {
                chunks.push(next_chunk(left));
                left -= next_chunk(left);
            }
            assert_eq!(chunks.iter().sum::<usize>(), steps);
            assert!(chunks.is_sorted_by(|one, other| one >= other), "{chunks:?}");
        }
    }
}
