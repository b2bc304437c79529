//! Execution of pending batches on one thread, and the reply to each of their members.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::pending_batch::{Member, PendingBatch};
use super::run::{Run, RunError};
use super::run_limit::RunLimit;
use super::watched_run::{GivenUp, WatchedRun};
use crate::metrics::NetworkMetrics;
use microseg_runtime::{Batch, Network, NetworkError, Trajectories};

/// What a thread runs batches with.
pub(super) struct Executor<'a> {
    pub(super) network: &'a dyn Network,
    pub(super) watched: &'a WatchedRun,
    pub(super) limit: RunLimit,
    pub(super) metrics: &'a NetworkMetrics,
}

impl Executor<'_> {
    /// Runs a pending batch and replies to its members.
    pub(super) fn execute(&self, pending: PendingBatch) -> Result<(), GivenUp> {
        let Some((batch, members)) = pending.close() else {
            return Ok(());
        };
        let started_at = Instant::now();
        let (result, mut members) = self.run(&batch, members.into())?;
        let took = started_at.elapsed();
        self.metrics.ran(batch.sequences(), took);
        match result {
            Ok(trajectories) => answer_all(members, trajectories, started_at, took),
            Err(error) if members.len() < 2 => {
                if let Some(member) = members.pop_front() {
                    member.answer(Err(error.into()));
                }
            }
            // One member may have caused the error: each is run again alone.
            Err(_) => self.run_each_alone(&batch, members)?,
        }
        Ok(())
    }

    fn run_each_alone(&self, batch: &Batch, mut members: VecDeque<Member>) -> Result<(), GivenUp> {
        let mut first = 0;
        while let Some(sequences) = members.front().map(|member| member.sequences) {
            let part = batch.part(first..first + sequences);
            first += sequences;
            let started_at = Instant::now();
            let result;
            (result, members) = self.run(&part, members)?;
            if let Some(member) = members.pop_front() {
                let run = result
                    .map(|trajectories| member.run(trajectories, started_at, started_at.elapsed()));
                member.answer(run.map_err(RunError::from));
            }
        }
        Ok(())
    }

    /// Runs a batch under the eyes of the watchdog, which answers the members when it takes too long.
    fn run(
        &self,
        batch: &Batch,
        members: VecDeque<Member>,
    ) -> Result<(Result<Trajectories, NetworkError>, VecDeque<Member>), GivenUp> {
        self.watched.begin(members, self.limit.of(batch));
        // A panic must cost one answer, not the thread.
        let result = catch_unwind(AssertUnwindSafe(|| self.network.run(batch)));
        let members = self.watched.end()?;
        Ok((result.unwrap_or(Err(NetworkError::Panicked)), members))
    }
}

/// Replies to each member with its own part of the batch.
fn answer_all(
    mut members: VecDeque<Member>,
    trajectories: Trajectories,
    started_at: Instant,
    took: Duration,
) {
    if members.len() == 1
        && let Some(member) = members.pop_front()
    {
        let run = member.run(trajectories, started_at, took);
        return member.answer(Ok(run));
    }
    let mut first = 0;
    for member in members {
        let own = first..first + member.sequences;
        first = own.end;
        let run = member.run(trajectories.part(own), started_at, took);
        member.answer(Ok(run));
    }
}

impl Member {
    fn run(&self, trajectories: Trajectories, started_at: Instant, network: Duration) -> Run {
        Run {
            trajectories,
            queue: started_at.saturating_duration_since(self.queued_at),
            network,
        }
    }

    pub(super) fn answer(self, result: Result<Run, RunError>) {
        // A member that was cancelled meanwhile has closed its end.
        let _ = self.reply.send(result);
    }
}
