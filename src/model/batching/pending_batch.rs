//! Pending batch: sequences that wait for the network, which others of the same length may still join.

use std::time::Instant;

use tokio::sync::oneshot;

use super::run::{Run, RunError};
use microseg_runtime::Batch;

/// Where a caller's result is sent; closed when the caller has dropped its end.
pub(super) type Reply = oneshot::Sender<Result<Run, RunError>>;

/// One caller's sequences within a batch.
pub(super) struct Member {
    pub(super) sequences: usize,
    pub(super) queued_at: Instant,
    /// When it is closed, the sequences are not run.
    pub(super) reply: Reply,
}

/// A batch that others may still join.
pub(super) struct PendingBatch {
    steps: usize,
    sequences: usize,
    members: Vec<(Batch, Member)>,
}

impl PendingBatch {
    pub(super) fn new(batch: Batch, reply: Reply) -> Self {
        let mut pending = Self {
            steps: batch.steps(),
            sequences: 0,
            members: Vec::with_capacity(1),
        };
        pending.join(batch, reply);
        pending
    }

    pub(super) fn sequences(&self) -> usize {
        self.sequences
    }

    /// Whether a batch may join: its sequences are of the same length, and not too many with those that are here.
    pub(super) fn admits(&self, batch: &Batch, most_sequences: usize) -> bool {
        self.steps == batch.steps() && self.sequences + batch.sequences() <= most_sequences
    }

    pub(super) fn join(&mut self, batch: Batch, reply: Reply) {
        let sequences = batch.sequences();
        let member = Member {
            sequences,
            queued_at: Instant::now(),
            reply,
        };
        self.sequences += sequences;
        self.members.push((batch, member));
    }

    /// The batch and its members, in the order of their sequences, without cancelled ones; `None` when all are cancelled.
    pub(super) fn close(self) -> Option<(Batch, Vec<Member>)> {
        let waiting = self.members.into_iter();
        let waiting = waiting.filter(|(_, member)| !member.reply.is_closed());
        let (mut batches, members): (Vec<Batch>, Vec<Member>) = waiting.unzip();
        let batch = match batches.len() {
            0 => return None,
            1 => batches.pop()?,
            _ => Batch::join(&batches.iter().collect::<Vec<_>>()),
        };
        Some((batch, members))
    }
}
