//! Batcher: the queue of one network and the threads that run it.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::calibration::calibrate;
use super::caller_thread::CallerThreads;
use super::network_threads::NetworkThreads;
use super::policy::{BatchingPolicy, Priority};
use super::queue::{Added, BatchQueue};
use super::run::{Run, RunError};
use super::warm_network::StartError;
use crate::bundle::Bundle;
use crate::capacity::Capacity;
use crate::metrics::NetworkMetrics;
use microseg_runtime::Batch;

/// A running network. Dropping it ends its threads when the batches that wait have run.
pub(crate) struct Batcher {
    queue: Arc<BatchQueue>,
    network_threads: NetworkThreads,
    caller_threads: CallerThreads,
    continuable: bool,
    metrics: NetworkMetrics,
}

impl fmt::Debug for Batcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batcher")
            .field("threads", &self.network_threads.count())
            .finish_non_exhaustive()
    }
}

impl Batcher {
    /// Calibrates the network, and starts the threads; returns when each is warm.
    pub(crate) fn start(bundle: &Bundle, capacity: Capacity) -> Result<Self, StartError> {
        let threads = capacity.threads.max(1);
        let copies = CallerThreads::copies(threads);
        let calibration = calibrate(bundle, capacity.batch_steps, copies)?;
        let queue = Arc::new(BatchQueue::new(BatchingPolicy {
            waiting_sequences: capacity.queue.max(1),
            batch_steps: capacity.batch_steps,
            batch_sequences: calibration.batch_invariance.sequences,
        }));
        let metrics = NetworkMetrics::default();
        Ok(Self {
            network_threads: NetworkThreads::start(bundle, threads, &queue, &metrics)?,
            caller_threads: CallerThreads::new(calibration.caller_networks),
            continuable: calibration.batch_invariance.continuable,
            queue,
            metrics,
        })
    }

    pub(crate) fn metrics(&self) -> &NetworkMetrics {
        &self.metrics
    }

    /// How many sequences of so many steps may run as one batch and still each give the numbers that they give alone.
    pub(crate) fn batch_limit(&self, steps: usize) -> usize {
        self.queue.policy().batch_limit(steps)
    }

    /// Whether a run that is continued from a recurrent state gives the numbers of one run over both parts.
    pub(crate) fn is_continuable(&self) -> bool {
        self.continuable
    }

    /// Queues a batch and waits for its run; dropping the future cancels the batch.
    pub(crate) async fn run(&self, priority: Priority, batch: Batch) -> Result<Run, RunError> {
        let (reply, answer) = oneshot::channel();
        match priority {
            Priority::Score => {
                if self.queue.add(priority, batch, reply)? == Added::Alone {
                    let threads = &self.caller_threads;
                    threads.run(&self.queue, &answer, &self.metrics).await;
                }
            }
            Priority::Explain | Priority::Bulk => self.queue.push(priority, batch, reply)?,
        }
        Ok(answer.await.map_err(|_| RunError::Stopped)??)
    }
}
