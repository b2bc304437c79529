//! Running of scorings on the caller's own thread: to wake a network thread takes longer than a small batch.
//!
//! `cargo bench --bench batching` measures one sequence on the caller's thread beside the same sequence on a network
//! thread. `docs/benchmarks.md` has the latencies of whole requests.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::execution::execute;
use super::network_pool::{NetworkPool, PooledNetwork};
use super::policy::BatchingPolicy;
use super::queue::BatchQueue;
use super::run::Run;
use crate::metrics::NetworkMetrics;
use microseg_runtime::{Network, NetworkError};

/// A full batch that takes no longer may run on a thread that has requests to answer.
const QUICK: Duration = Duration::from_millis(4);

/// How often a batch is timed before it counts as slow.
const TRIES: usize = 5;

/// Where a caller's result arrives.
pub(super) type Answer = oneshot::Receiver<Result<Run, NetworkError>>;

/// The copies of the network that callers run themselves; none for a network that is too slow for it.
pub(super) struct CallerThreads {
    pool: NetworkPool,
}

impl CallerThreads {
    pub(super) fn new(networks: Vec<Box<dyn Network>>) -> Self {
        Self {
            pool: NetworkPool::new(networks),
        }
    }

    /// How many copies there are for so many network threads: half, so that the other threads can read the requests that
    /// run next. A run costs much before its first sequence, and a batch grows while it waits.
    pub(super) fn copies(threads: usize) -> usize {
        (threads / 2).max(1)
    }

    /// Runs scorings of the queue on this thread until the caller has its answer; called after the caller's pending batch
    /// was added. Network threads run what is left, and everything when the future is dropped.
    pub(super) async fn run(&self, queue: &BatchQueue, answer: &Answer, metrics: &NetworkMetrics) {
        let _hand_over = HandOver { queue, answer };
        if let Some(pooled) = self.pool.acquire().await {
            let_others_join(queue).await;
            run_scorings(&pooled, queue, answer, metrics);
        }
    }
}

/// Lets other tasks of this thread run first, so that a request whose body has arrived joins the batch. Ends as soon as no
/// task adds a sequence.
async fn let_others_join(queue: &BatchQueue) {
    let mut joined = queue.waiting_scorings();
    loop {
        tokio::task::yield_now().await;
        let waiting = queue.waiting_scorings();
        if waiting <= joined || BatchingPolicy::is_worth_a_run(waiting) {
            return;
        }
        joined = waiting;
    }
}

fn run_scorings(
    pooled: &PooledNetwork<'_>,
    queue: &BatchQueue,
    answer: &Answer,
    metrics: &NetworkMetrics,
) {
    if let Some(network) = pooled.network() {
        while answer.is_empty()
            && let Some(pending) = queue.next_scorings()
        {
            execute(network, pending, metrics);
        }
    }
}

/// Hands the pending batch over to a network thread, when the caller is dropped before it was run or has no network.
struct HandOver<'a> {
    queue: &'a BatchQueue,
    answer: &'a Answer,
}

impl Drop for HandOver<'_> {
    fn drop(&mut self) {
        if self.answer.is_empty() {
            self.queue.wake();
        }
    }
}

/// Whether a run is short enough for a thread that has requests to answer, and the shortest time that was measured. A busy
/// machine only adds to a time, so a run that seems slow is timed again.
pub(super) fn is_quick<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<(bool, Duration), E> {
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        run()?;
        least = least.min(begun.elapsed());
        if least <= QUICK {
            break;
        }
    }
    Ok((least <= QUICK, least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disturbed_run_does_not_make_a_network_slow() {
        let mut runs = 0;
        let quick = is_quick(|| {
            runs += 1;
            let begun = Instant::now();
            while runs == 1 && begun.elapsed() <= QUICK {
                std::hint::spin_loop();
            }
            Ok::<_, ()>(())
        });
        assert!(quick.is_ok_and(|(is_quick, _)| is_quick));
        assert!(runs > 1);
        assert!(is_quick(|| Err(())).is_err());
    }
}
