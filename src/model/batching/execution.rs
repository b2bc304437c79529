//! Execution of one pending batch, and the reply to each of its members.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::pending_batch::{Member, PendingBatch};
use super::run::Run;
use crate::metrics::NetworkMetrics;
use microseg_runtime::{Batch, Network, NetworkError, Trajectories};

/// Runs a pending batch and replies to its members.
pub(super) fn execute(network: &dyn Network, pending: PendingBatch, metrics: &NetworkMetrics) {
    let Some((batch, members)) = pending.close() else {
        return;
    };
    let started_at = Instant::now();
    let result = run(network, &batch);
    let took = started_at.elapsed();
    metrics.ran(batch.sequences(), took);
    match <[Member; 1]>::try_from(members) {
        Ok([member]) => {
            let result = result.map(|trajectories| member.run(trajectories, started_at, took));
            member.answer(result);
        }
        Err(members) => answer_each(network, &batch, members, &result, (started_at, took)),
    }
}

/// Replies to each of several members with its own part of the batch.
fn answer_each(
    network: &dyn Network,
    batch: &Batch,
    members: Vec<Member>,
    result: &Result<Trajectories, NetworkError>,
    (started_at, took): (Instant, Duration),
) {
    let mut first = 0;
    for member in members {
        let own = first..first + member.sequences;
        first = own.end;
        let result = match result {
            Ok(trajectories) => Ok(member.run(trajectories.part(own), started_at, took)),
            // One member may have caused the error: each is run again alone.
            Err(_) => run(network, &batch.part(own))
                .map(|trajectories| member.run(trajectories, started_at, started_at.elapsed())),
        };
        member.answer(result);
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

    fn answer(self, result: Result<Run, NetworkError>) {
        // A member that was cancelled meanwhile has closed its end.
        let _ = self.reply.send(result);
    }
}

fn run(network: &dyn Network, batch: &Batch) -> Result<Trajectories, NetworkError> {
    // A panic must cost one answer, not the thread.
    catch_unwind(AssertUnwindSafe(|| network.run(batch))).unwrap_or(Err(NetworkError::Panicked))
}
