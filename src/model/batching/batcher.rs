//! Batcher: the queue of one network and the threads that run it.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::calibration::calibrate;
use super::chunks::Runs;
use super::network_threads::NetworkThreads;
use super::policy::{BatchingPolicy, Priority};
use super::queue::{Added, BatchQueue, Work};
use super::run::{Run, RunError};
use super::run_limit::RunLimit;
use super::scoring_threads::{self, let_others_join_and_wake};
use super::thread_group::ThreadContext;
use super::warm_network::StartError;
use crate::bundle::Bundle;
use crate::capacity::Capacity;
use crate::load_control::LoadControl;
use crate::metrics::NetworkMetrics;
use microseg_runtime::Batch;

/// A running network. Dropping it ends its threads when the batches that wait have run.
pub(crate) struct Batcher {
    queue: Arc<BatchQueue>,
    threads: NetworkThreads,
    continuable: bool,
    metrics: NetworkMetrics,
}

impl fmt::Debug for Batcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batcher")
            .field("threads", &self.threads.count())
            .finish_non_exhaustive()
    }
}

impl Batcher {
    /// Calibrates the network, and starts the threads; returns when each is warm. It ends early where `control` stops it.
    pub(crate) fn start(
        bundle: &Bundle,
        capacity: Capacity,
        control: &LoadControl,
    ) -> Result<Self, StartError> {
        let calibration = calibrate(bundle, capacity, control)?;
        let queue = Arc::new(BatchQueue::new(BatchingPolicy {
            waiting_sequences: capacity.queue.max(1),
            runs: Runs::of(bundle.manifest(), capacity.batch_steps),
            batch_sizes: calibration.batch_invariance.sizes,
            has_scoring_threads: calibration.is_quick,
        }));
        let metrics = NetworkMetrics::default();
        let context = ThreadContext {
            bundle: bundle.clone(),
            queue: queue.clone(),
            batch_sizes: calibration.batch_invariance.sizes,
            limit: calibration.limit,
            metrics: metrics.clone(),
            control: control.clone(),
        };
        let all = capacity.threads.max(1);
        let scoring = if calibration.is_quick {
            scoring_threads::count(all)
        } else {
            0
        };
        let counts = [(Work::Scorings, scoring), (Work::All, all)];
        let patience = RunLimit::while_loading(capacity.network_timeout);
        Ok(Self {
            threads: NetworkThreads::start(context, &counts, patience)?,
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

    /// The same for a batch that no scoring waits for.
    pub(crate) fn batch_limit_of_many(&self, steps: usize) -> usize {
        self.queue.policy().batch_limit_of_many(steps)
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
                    let_others_join_and_wake(&self.queue).await;
                }
            }
            Priority::Explain | Priority::Bulk => self.queue.push(priority, batch, reply)?,
        }
        answer.await.map_err(|_| RunError::Stopped)?
    }
}
