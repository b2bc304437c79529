//! What waits for the network: whoever comes while it is busy joins the batch that runs next.
//!
//! There is no timer. A sequence that finds the network idle runs as soon as nobody else is ready on its thread; under
//! load the callers themselves write the next batch while the one before it runs, as far as the budget of steps goes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ndarray::Array3;
use tokio::sync::oneshot;

use super::network::NetworkError;
use super::{Batch, Memory, Run, RunError};

/// Each running explanation waits for one part at a time; no server runs more of them at once.
const MOST_EXPLANATIONS: usize = 1_024;

/// Which queue a batch waits in; the first lane goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// One customer who waits for a scoring: joined with others.
    Score,
    /// A part of an explanation: runs as it is.
    Explain,
    /// A chunk of many customers, joined already.
    Bulk,
}

pub(super) type Reply = oneshot::Sender<Result<Run, NetworkError>>;

/// One caller's sequences within a batch.
pub(super) struct Member {
    pub(super) sequences: usize,
    memory: Option<Memory>,
    pub(super) queued_at: Instant,
    /// Closed as soon as nobody waits any more: then the sequences are not run.
    pub(super) reply: Reply,
}

/// A batch that others may still join.
pub(super) struct Forming {
    steps: usize,
    classes: usize,
    /// `[B, T, K]`, row after row.
    inputs: Vec<f32>,
    sequences: usize,
    members: Vec<Member>,
}

impl Forming {
    fn new(batch: Batch, reply: Reply) -> Self {
        let (sequences, steps, classes) = batch.inputs().dim();
        let (inputs, memory) = batch.into_parts();
        Self {
            steps,
            classes,
            inputs,
            sequences,
            members: vec![Member {
                sequences,
                memory,
                queued_at: Instant::now(),
                reply,
            }],
        }
    }

    fn admits(&self, batch: &Batch, most_sequences: usize) -> bool {
        let (sequences, steps, _) = batch.inputs().dim();
        self.steps == steps && self.sequences + sequences <= most_sequences
    }

    fn join(&mut self, batch: Batch, reply: Reply) {
        let joining = Self::new(batch, reply);
        self.inputs.extend_from_slice(&joining.inputs);
        self.sequences += joining.sequences;
        self.members.extend(joining.members);
    }

    /// The batch, and whose sequences are in it, in their order. Those whose caller has left are not in it.
    pub(super) fn close(mut self) -> Option<(Batch, Vec<Member>)> {
        if self.members.iter().any(|member| member.reply.is_closed()) {
            self.drop_those_who_left();
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
        let memories: Vec<_> = members
            .iter()
            .map(|member| (member.sequences, member.memory.as_ref()))
            .collect();
        let batch = match Memory::join(&memories) {
            Some(memory) => Batch::continued(inputs, memory),
            None => Batch::new(inputs),
        };
        Some((batch, members))
    }

    fn drop_those_who_left(&mut self) {
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

/// How much may wait, and how much of it may run together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Sequences that may wait in the lane of scorings.
    pub(super) waiting: usize,
    /// Steps of all sequences of one batch together.
    pub(super) steps: usize,
    /// Sequences of one batch, whatever their length: as many as do not change each other's numbers.
    pub(super) together: usize,
}

impl Bounds {
    /// How many sequences of so many steps may run as one batch, at least 1.
    pub(super) fn sequences(self, steps: usize) -> usize {
        (self.steps / steps.max(1)).min(self.together).max(1)
    }
}

/// The lanes of all threads of one network.
pub(super) struct Queue {
    bounds: Bounds,
    waiting: Mutex<Waiting>,
    /// Told of each batch that begins.
    begun: Condvar,
}

#[derive(Default)]
struct Waiting {
    score: VecDeque<Forming>,
    explain: VecDeque<Forming>,
    bulk: VecDeque<Forming>,
    /// Sequences in the lane of scorings.
    sequences: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            waiting: Mutex::default(),
            begun: Condvar::new(),
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Whoever panicked inside left whole batches only.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a batch wait, together with others where its lane allows it, and wakes a thread for it.
    pub(super) fn push(&self, lane: Lane, batch: Batch, reply: Reply) -> Result<(), RunError> {
        if self.add(lane, batch, reply)? {
            self.begun.notify_one();
        }
        Ok(())
    }

    /// As [`Queue::push`], and wakes nobody; tells whether a batch begins with it.
    pub(super) fn add(&self, lane: Lane, batch: Batch, reply: Reply) -> Result<bool, RunError> {
        let (sequences, steps, _) = batch.inputs().dim();
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(RunError::Stopped);
        }
        match lane {
            Lane::Score => {
                // A batch that is larger than the lane may wait when nothing else does.
                if waiting.sequences > 0 && waiting.sequences + sequences > self.bounds.waiting {
                    return Err(RunError::Busy);
                }
                waiting.sequences += sequences;
                let most = self.bounds.sequences(steps);
                let mut forming = waiting.score.iter_mut().rev();
                if let Some(forming) = forming.find(|forming| forming.admits(&batch, most)) {
                    forming.join(batch, reply);
                    return Ok(false);
                }
                waiting.score.push_back(Forming::new(batch, reply));
            }
            Lane::Explain => {
                if waiting.explain.len() >= MOST_EXPLANATIONS {
                    return Err(RunError::Busy);
                }
                waiting.explain.push_back(Forming::new(batch, reply));
            }
            // Bounded by the chunks that each caller works on at once.
            Lane::Bulk => waiting.bulk.push_back(Forming::new(batch, reply)),
        }
        Ok(true)
    }

    /// Waits for the batch that is next; `None` once the queue is closed and empty.
    pub(super) fn next(&self) -> Option<Forming> {
        let mut waiting = self.lock();
        loop {
            if let Some(forming) = waiting.take() {
                return Some(forming);
            }
            if waiting.closed {
                return None;
            }
            let told = self.begun.wait(waiting);
            waiting = told.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next batch of scorings, if any waits.
    pub(super) fn next_of_scorings(&self) -> Option<Forming> {
        self.lock().take_scoring()
    }

    /// How many sequences wait in the lane of scorings.
    pub(super) fn scorings(&self) -> usize {
        self.lock().sequences
    }

    /// Wakes a thread, if there is something for it to do.
    pub(super) fn wake(&self) {
        if !self.lock().is_empty() {
            self.begun.notify_one();
        }
    }

    /// Lets no more in; what waits is still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.begun.notify_all();
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.score.is_empty() && self.explain.is_empty() && self.bulk.is_empty()
    }

    fn take(&mut self) -> Option<Forming> {
        self.take_scoring()
            .or_else(|| self.explain.pop_front())
            .or_else(|| self.bulk.pop_front())
    }

    fn take_scoring(&mut self) -> Option<Forming> {
        let forming = self.score.pop_front()?;
        self.sequences -= forming.sequences;
        Some(forming)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<Run, NetworkError>>;

    fn queue() -> Queue {
        Queue::new(Bounds {
            waiting: 8,
            steps: 12,
            together: 4,
        })
    }

    /// Sequences of `steps` steps of one class, all of one number.
    fn push(queue: &Queue, lane: Lane, steps: usize, number: f32) -> Result<Answer, RunError> {
        let (reply, answer) = oneshot::channel();
        let batch = Batch::new(Array3::from_elem((1, steps, 1), number));
        queue.push(lane, batch, reply).map(|()| answer)
    }

    /// The numbers of the next batch, a sequence each.
    fn next(queue: &Queue) -> Vec<f32> {
        let (batch, members) = queue.next().unwrap().close().unwrap();
        assert_eq!(
            batch.inputs().dim().0,
            members.iter().map(|m| m.sequences).sum::<usize>()
        );
        batch
            .inputs()
            .outer_iter()
            .map(|rows| rows[(0, 0)])
            .collect()
    }

    #[test]
    fn scorings_of_one_length_run_together_as_far_as_the_budget_goes() {
        let queue = queue();
        let _waits: Vec<_> = [(3, 0.0), (3, 1.0), (6, 2.0), (3, 3.0), (3, 4.0), (3, 5.0)]
            .map(|(steps, number)| push(&queue, Lane::Score, steps, number).unwrap())
            .into();
        assert_eq!(next(&queue), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(next(&queue), [2.0]);
        assert_eq!(next(&queue), [5.0]);
    }

    #[test]
    fn sequences_that_change_each_other_run_alone() {
        let queue = Queue::new(Bounds {
            together: 1,
            ..queue().bounds
        });
        let _waits = [0.0, 1.0].map(|number| push(&queue, Lane::Score, 3, number).unwrap());
        assert_eq!(next(&queue), [0.0]);
        assert_eq!(next(&queue), [1.0]);
    }

    #[test]
    fn scorings_go_before_explanations_and_these_before_bulk() {
        let queue = queue();
        let lanes = [Lane::Bulk, Lane::Explain, Lane::Explain, Lane::Score];
        let _waits: Vec<_> = lanes
            .into_iter()
            .zip([0.0, 1.0, 2.0, 3.0])
            .map(|(lane, number)| push(&queue, lane, 3, number).unwrap())
            .collect();
        let order: Vec<_> = (0..4).flat_map(|_| next(&queue)).collect();
        assert_eq!(order, [3.0, 1.0, 2.0, 0.0]);
    }

    #[test]
    fn who_has_left_takes_no_place_in_the_batch() {
        let queue = queue();
        let mut waits: Vec<_> = [0.0, 1.0, 2.0]
            .map(|number| push(&queue, Lane::Score, 3, number).unwrap())
            .into();
        waits.remove(1);
        assert_eq!(next(&queue), [0.0, 2.0]);
        drop(push(&queue, Lane::Score, 3, 3.0));
        assert!(queue.next().unwrap().close().is_none());
    }

    #[test]
    fn a_full_lane_says_so_and_a_closed_queue_hands_out_what_it_has() {
        let queue = queue();
        let _waits: Vec<_> = (0..8)
            .map(|_| push(&queue, Lane::Score, 2, 0.0).unwrap())
            .collect();
        assert_eq!(
            push(&queue, Lane::Score, 2, 0.0).unwrap_err(),
            RunError::Busy
        );
        let _explains = push(&queue, Lane::Explain, 2, 1.0).unwrap();
        queue.close();
        assert_eq!(
            push(&queue, Lane::Score, 2, 0.0).unwrap_err(),
            RunError::Stopped
        );
        let sizes: Vec<_> = (0..3).map(|_| next(&queue).len()).collect();
        assert_eq!(sizes, [4, 4, 1]);
        assert!(queue.next().is_none());
    }

    #[test]
    fn sequences_with_and_without_a_memory_run_together() {
        let queue = queue();
        let (reply, _first) = oneshot::channel();
        let memory = Memory {
            hidden: Array3::from_elem((2, 1, 3), 0.5),
            cell: Array3::from_elem((2, 1, 3), 0.25),
        };
        let continued = Batch::continued(Array3::zeros((1, 3, 1)), memory);
        let _second = push(&queue, Lane::Score, 3, 1.0).unwrap();
        queue.push(Lane::Score, continued, reply).unwrap();
        let (batch, members) = queue.next().unwrap().close().unwrap();
        assert_eq!(members.len(), 2);
        let memory = batch.memory().unwrap();
        assert_eq!(memory.hidden.dim(), (2, 2, 3));
        assert_eq!(memory.hidden[(1, 0, 2)].to_bits(), 0.0_f32.to_bits());
        assert_eq!(memory.cell[(1, 1, 2)].to_bits(), 0.25_f32.to_bits());
    }
}
