//! Chunks of long sequences: a few fixed lengths, so that sequences of any lengths run together without padding.
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

/// The lengths of the runs of a network, shortest first: all up to the window, or those of chunks.
pub(super) fn run_lengths(manifest: &Manifest) -> Vec<usize> {
    let most = manifest.most_steps().unwrap_or(usize::MAX);
    match manifest.declaration().step() {
        Step::Event => CHUNKS
            .into_iter()
            .rev()
            .filter(|&chunk| chunk <= most)
            .collect(),
        _ => (1..=most).collect(),
    }
}

/// The most steps of one run.
pub(super) fn longest_run(manifest: &Manifest) -> usize {
    run_lengths(manifest).last().copied().unwrap_or(1)
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
