//! Queue of the batches that wait for the network, by priority.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use super::pending_batch::{PendingBatch, Reply};
use super::policy::{BatchingPolicy, Priority};
use super::run::RunError;
use microseg_runtime::Batch;

/// The batches that wait for all threads of one network.
pub(super) struct BatchQueue {
    policy: BatchingPolicy,
    waiting: Mutex<Waiting>,
    /// Notified of each new pending batch that a network thread has to run.
    added: Condvar,
    /// Notified of each new pending batch that a scoring thread has to run.
    scorings_added: Condvar,
}

/// The batches that a thread runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Scorings alone: a scoring thread.
    Scorings,
    /// Whatever waits: a network thread.
    All,
}

#[derive(Default)]
struct Waiting {
    score: VecDeque<PendingBatch>,
    explain: VecDeque<PendingBatch>,
    bulk: VecDeque<PendingBatch>,
    /// Sequences of the scorings that wait.
    sequences: usize,
    closed: bool,
}

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It is a pending batch of its own, which a thread has to run.
    Alone,
    /// It joined a pending batch.
    Joined,
}

impl BatchQueue {
    pub(super) fn new(policy: BatchingPolicy) -> Self {
        Self {
            policy,
            waiting: Mutex::default(),
            added: Condvar::new(),
            scorings_added: Condvar::new(),
        }
    }

    pub(super) fn policy(&self) -> &BatchingPolicy {
        &self.policy
    }

    /// Adds a batch, and wakes a thread for it unless it joined another.
    pub(super) fn push(
        &self,
        priority: Priority,
        batch: Batch,
        reply: Reply,
    ) -> Result<(), RunError> {
        if self.add(priority, batch, reply)? == Added::Alone {
            match priority {
                Priority::Score => self.wake_for_scorings(),
                Priority::Explain | Priority::Bulk => drop(self.added.notify_one()),
            }
        }
        Ok(())
    }

    /// Adds a batch, and wakes no thread.
    pub(super) fn add(
        &self,
        priority: Priority,
        batch: Batch,
        reply: Reply,
    ) -> Result<Added, RunError> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(RunError::Stopped);
        }
        match priority {
            Priority::Score => return waiting.add_scoring(&self.policy, batch, reply),
            Priority::Explain => {
                if !BatchingPolicy::admits_explanation(waiting.explain.len()) {
                    return Err(RunError::Busy);
                }
                waiting.explain.push_back(PendingBatch::new(batch, reply));
            }
            // Bounded by the chunks that each caller works on at once.
            Priority::Bulk => waiting.bulk.push_back(PendingBatch::new(batch, reply)),
        }
        Ok(Added::Alone)
    }

    /// Waits for the batch that a thread runs next; `None` when the queue is closed and has none for it.
    pub(super) fn next(&self, work: Work) -> Option<PendingBatch> {
        let mut waiting = self.waiting.lock();
        loop {
            let next = match work {
                Work::Scorings => waiting.take_scorings(),
                Work::All => waiting.take(),
            };
            if next.is_some() {
                return next;
            }
            if waiting.closed {
                return None;
            }
            match work {
                Work::Scorings => self.scorings_added.wait(&mut waiting),
                Work::All => self.added.wait(&mut waiting),
            }
        }
    }

    /// How many sequences of scorings wait.
    pub(super) fn waiting_scorings(&self) -> usize {
        self.waiting.lock().sequences
    }

    /// Wakes a thread for the scorings that wait. While all scoring threads are busy none is woken: the batch grows until
    /// one of them has ended its run.
    pub(super) fn wake_for_scorings(&self) {
        if self.policy.has_scoring_threads {
            self.scorings_added.notify_one();
        } else {
            self.added.notify_one();
        }
    }

    /// Whether new batches are refused.
    pub(super) fn is_closed(&self) -> bool {
        self.waiting.lock().closed
    }

    /// Refuses new batches; those that wait are still handed out.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.added.notify_all();
        self.scorings_added.notify_all();
    }
}

impl Waiting {
    fn add_scoring(
        &mut self,
        policy: &BatchingPolicy,
        batch: Batch,
        reply: Reply,
    ) -> Result<Added, RunError> {
        let (sequences, steps) = (batch.sequences(), batch.steps());
        if !policy.admits_scorings(self.sequences, sequences) {
            return Err(RunError::Busy);
        }
        self.sequences += sequences;
        let limit = policy.batch_limit(steps);
        let mut pending = self.score.iter_mut().rev();
        if let Some(pending) = pending.find(|pending| pending.admits(&batch, limit)) {
            pending.join(batch, reply);
            return Ok(Added::Joined);
        }
        self.score.push_back(PendingBatch::new(batch, reply));
        Ok(Added::Alone)
    }

    fn take(&mut self) -> Option<PendingBatch> {
        self.take_scorings()
            .or_else(|| self.explain.pop_front())
            .or_else(|| self.bulk.pop_front())
    }

    fn take_scorings(&mut self) -> Option<PendingBatch> {
        let pending = self.score.pop_front()?;
        self.sequences -= pending.sequences();
        Some(pending)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use tokio::sync::oneshot;

    use super::super::batch_size::{BatchSize, BatchSizes};
    use super::super::chunks::Runs;
    use super::super::run::Run;
    use super::*;
    use microseg_runtime::RecurrentState;

    type Answer = oneshot::Receiver<Result<Run, RunError>>;

    fn queue() -> BatchQueue {
        BatchQueue::new(BatchingPolicy {
            waiting_sequences: 8,
            runs: Runs::of_periods(6, 12),
            batch_sizes: BatchSizes::all(BatchSize::UpTo(4)),
            has_scoring_threads: false,
        })
    }

    /// Sequences of `steps` steps of one class, all of one number.
    fn push(
        queue: &BatchQueue,
        priority: Priority,
        steps: usize,
        number: f32,
    ) -> Result<Answer, RunError> {
        let (reply, answer) = oneshot::channel();
        let batch = Batch::new(Array3::from_elem((1, steps, 1), number));
        queue.push(priority, batch, reply).map(|()| answer)
    }

    /// The numbers of the next batch, a sequence each.
    fn next(queue: &BatchQueue) -> Vec<f32> {
        let (batch, members) = queue.next(Work::All).unwrap().close().unwrap();
        assert_eq!(
            batch.sequences(),
            members.iter().map(|m| m.sequences).sum::<usize>()
        );
        batch
            .numbers()
            .outer_iter()
            .map(|rows| rows[(0, 0)])
            .collect()
    }

    #[test]
    fn scorings_of_one_length_run_together_up_to_the_budget_of_steps() {
        let queue = queue();
        let _answers: Vec<_> = [(3, 0.0), (3, 1.0), (6, 2.0), (3, 3.0), (3, 4.0), (3, 5.0)]
            .map(|(steps, number)| push(&queue, Priority::Score, steps, number).unwrap())
            .into();
        assert_eq!(next(&queue), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(next(&queue), [2.0]);
        assert_eq!(next(&queue), [5.0]);
    }

    #[test]
    fn sequences_that_change_each_other_run_alone() {
        let queue = BatchQueue::new(BatchingPolicy {
            batch_sizes: BatchSizes::all(BatchSize::UpTo(1)),
            ..queue().policy.clone()
        });
        let _answers = [0.0, 1.0].map(|number| push(&queue, Priority::Score, 3, number).unwrap());
        assert_eq!(next(&queue), [0.0]);
        assert_eq!(next(&queue), [1.0]);
    }

    #[test]
    fn scorings_run_before_explanations_and_these_before_bulk() {
        let queue = queue();
        let priorities = [
            Priority::Bulk,
            Priority::Explain,
            Priority::Explain,
            Priority::Score,
        ];
        let _answers: Vec<_> = priorities
            .into_iter()
            .zip([0.0, 1.0, 2.0, 3.0])
            .map(|(priority, number)| push(&queue, priority, 3, number).unwrap())
            .collect();
        let order: Vec<_> = (0..4).flat_map(|_| next(&queue)).collect();
        assert_eq!(order, [3.0, 1.0, 2.0, 0.0]);
    }

    #[test]
    fn cancelled_members_are_not_in_the_batch() {
        let queue = queue();
        let mut answers: Vec<_> = [0.0, 1.0, 2.0]
            .map(|number| push(&queue, Priority::Score, 3, number).unwrap())
            .into();
        answers.remove(1);
        assert_eq!(next(&queue), [0.0, 2.0]);
        drop(push(&queue, Priority::Score, 3, 3.0));
        assert!(queue.next(Work::All).unwrap().close().is_none());
    }

    #[test]
    fn full_queue_is_busy_and_closed_queue_hands_out_what_it_has() {
        let queue = queue();
        let _answers: Vec<_> = (0..8)
            .map(|_| push(&queue, Priority::Score, 2, 0.0).unwrap())
            .collect();
        assert_eq!(
            push(&queue, Priority::Score, 2, 0.0).unwrap_err(),
            RunError::Busy
        );
        let _explanation = push(&queue, Priority::Explain, 2, 1.0).unwrap();
        queue.close();
        assert_eq!(
            push(&queue, Priority::Score, 2, 0.0).unwrap_err(),
            RunError::Stopped
        );
        let sizes: Vec<_> = (0..3).map(|_| next(&queue).len()).collect();
        assert_eq!(sizes, [4, 4, 1]);
        assert!(queue.next(Work::All).is_none());
    }

    #[test]
    fn sequences_with_and_without_a_recurrent_state_run_together() {
        let queue = queue();
        let (reply, _first) = oneshot::channel();
        let state = RecurrentState::new([
            ("h", Array3::from_elem((2, 1, 3), 0.5)),
            ("c", Array3::from_elem((2, 1, 3), 0.25)),
        ]);
        let continued = Batch::continued(Array3::zeros((1, 3, 1)), state);
        let _second = push(&queue, Priority::Score, 3, 1.0).unwrap();
        queue.push(Priority::Score, continued, reply).unwrap();
        let (batch, members) = queue.next(Work::All).unwrap().close().unwrap();
        assert_eq!(members.len(), 2);
        let state = batch.recurrent_state().unwrap();
        let (hidden, cell) = (state.get("h").unwrap(), state.get("c").unwrap());
        assert_eq!(hidden.dim(), (2, 2, 3));
        assert_eq!(hidden[(1, 0, 2)].to_bits(), 0.0_f32.to_bits());
        assert_eq!(cell[(1, 1, 2)].to_bits(), 0.25_f32.to_bits());
    }
}
