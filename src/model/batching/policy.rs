//! Batching policy: which sequences run together, how many may wait, and which batch runs first.
//!
//! There is no timer. A sequence that finds the network idle runs at once; while the network is busy, sequences that
//! arrive join the batch that runs next, up to a budget of steps.

use super::batch_size::BatchSizes;
use super::chunks::Runs;

/// Explanations that may wait. Each running explanation waits for one part at a time, and no server runs more at once.
const MOST_EXPLANATIONS: usize = 1_024;

/// Sequences that share what a run costs before its first sequence: a batch of so many is not put off for more.
const WORTH_A_RUN: usize = 32;

/// The order in which waiting batches run; the first goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A scoring that a caller waits for: joined with others.
    Score,
    /// A part of an explanation: runs as it is.
    Explain,
    /// A chunk of many customers, joined already.
    Bulk,
}

/// How many sequences may wait, and how many of them run together.
#[derive(Debug, Clone)]
pub(super) struct BatchingPolicy {
    /// Sequences of scorings that may wait.
    pub(super) waiting_sequences: usize,
    /// Lengths of runs, and the sequences of one batch.
    pub(super) runs: Runs,
    /// Sequences of one batch: as many as do not change each other's numbers.
    pub(super) batch_sizes: BatchSizes,
    /// Whether scorings have threads of their own.
    pub(super) has_scoring_threads: bool,
}

impl BatchingPolicy {
    /// How many sequences of so many steps may run as one batch, at least 1.
    pub(super) fn batch_limit(&self, steps: usize) -> usize {
        let affordable = self.runs.affordable(steps);
        self.batch_sizes.of(steps).limit(affordable)
    }

    /// The same for a batch that no scoring waits for.
    pub(super) fn batch_limit_of_many(&self, steps: usize) -> usize {
        self.batch_sizes.of(steps).limit(self.runs.most(steps))
    }

    /// Whether more sequences of scorings may wait. A batch that is larger than the queue may wait when nothing else does.
    pub(super) fn admits_scorings(&self, waiting: usize, sequences: usize) -> bool {
        waiting == 0 || waiting + sequences <= self.waiting_sequences
    }

    /// Whether one more part of an explanation may wait.
    pub(super) fn admits_explanation(waiting: usize) -> bool {
        waiting < MOST_EXPLANATIONS
    }

    /// Whether a batch is run without giving other requests the time to join it.
    pub(super) fn is_worth_a_run(sequences: usize) -> bool {
        sequences >= WORTH_A_RUN
    }
}
