//! Pending batch: sequences that wait for the network, which others of the same length may still join.

use std::time::Instant;

use ndarray::Array3;
use tokio::sync::oneshot;

use super::run::{Run, RunError};
use microseg_runtime::{Batch, RecurrentState};

/// Where a caller's result is sent; closed when the caller has dropped its end.
pub(super) type Reply = oneshot::Sender<Result<Run, RunError>>;

/// One caller's sequences within a batch.
pub(super) struct Member {
    pub(super) sequences: usize,
    recurrent_state: Option<RecurrentState>,
    pub(super) queued_at: Instant,
    /// When it is closed, the sequences are not run.
    pub(super) reply: Reply,
}

/// A batch that others may still join.
pub(super) struct PendingBatch {
    steps: usize,
    classes: usize,
    /// `[B, T, K]`, row after row.
    inputs: Vec<f32>,
    sequences: usize,
    members: Vec<Member>,
}

impl PendingBatch {
    pub(super) fn new(batch: Batch, reply: Reply) -> Self {
        let (sequences, steps, classes) = batch.inputs().dim();
        let (inputs, recurrent_state) = batch.into_parts();
        Self {
            steps,
            classes,
            inputs,
            sequences,
            members: vec![Member {
                sequences,
                recurrent_state,
                queued_at: Instant::now(),
                reply,
            }],
        }
    }

    pub(super) fn sequences(&self) -> usize {
        self.sequences
    }

    /// Whether a batch may join: its sequences are of the same length, and not too many with those that are here.
    pub(super) fn admits(&self, batch: &Batch, most_sequences: usize) -> bool {
        let (sequences, steps, _) = batch.inputs().dim();
        self.steps == steps && self.sequences + sequences <= most_sequences
    }

    pub(super) fn join(&mut self, batch: Batch, reply: Reply) {
        let joining = Self::new(batch, reply);
        self.inputs.extend_from_slice(&joining.inputs);
        self.sequences += joining.sequences;
        self.members.extend(joining.members);
    }

    /// The batch and its members, in the order of their sequences, without cancelled ones; `None` when all are cancelled.
    pub(super) fn close(mut self) -> Option<(Batch, Vec<Member>)> {
        if self.members.iter().any(|member| member.reply.is_closed()) {
            self.remove_cancelled();
        }
        let Self {
            steps,
            classes,
            inputs,
            sequences,
            members,
        } = self;
        if members.is_empty() {
            return None;
        }
        let inputs = Array3::from_shape_vec((sequences, steps, classes), inputs).ok()?;
        let states: Vec<_> = members
            .iter()
            .map(|member| (member.sequences, member.recurrent_state.as_ref()))
            .collect();
        let batch = match RecurrentState::join(&states) {
            Some(state) => Batch::continued(inputs, state),
            None => Batch::new(inputs),
        };
        Some((batch, members))
    }

    fn remove_cancelled(&mut self) {
        let size = self.steps * self.classes;
        let mut inputs = Vec::with_capacity(self.inputs.len());
        let mut rest = self.inputs.as_slice();
        self.members.retain(|member| {
            let (own, others) = rest.split_at(member.sequences * size);
            rest = others;
            let waits = !member.reply.is_closed();
            if waits {
                inputs.extend_from_slice(own);
            }
            waits
        });
        self.inputs = inputs;
        self.sequences = self.members.iter().map(|member| member.sequences).sum();
    }
}
