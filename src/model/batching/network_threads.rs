//! Network threads: threads that each own a copy of the network and run the batches of the queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::execution::execute;
use super::queue::BatchQueue;
use super::warm_network::{StartError, warm_network};
use crate::bundle::Bundle;
use crate::metrics::NetworkMetrics;
use microseg_runtime::Network;

/// The running threads. Dropping them closes the queue and waits until the batches in it have run.
pub(super) struct NetworkThreads {
    queue: Arc<BatchQueue>,
    threads: Vec<JoinHandle<()>>,
}

impl NetworkThreads {
    /// Starts the threads and waits until each has a warm network.
    pub(super) fn start(
        bundle: &Bundle,
        count: usize,
        queue: &Arc<BatchQueue>,
        metrics: &NetworkMetrics,
    ) -> Result<Self, StartError> {
        let (started, starts) = sync_channel(count);
        let mut threads = Self {
            queue: queue.clone(),
            threads: Vec::new(),
        };
        for number in 0..count {
            let (bundle, queue) = (bundle.clone(), queue.clone());
            let (started, metrics) = (started.clone(), metrics.clone());
            let thread = thread::Builder::new()
                .name(format!("network-{number}"))
                .spawn(move || work(&bundle, &queue, started, &metrics))?;
            threads.threads.push(thread);
        }
        drop(started);
        for _ in 0..count {
            starts.recv().map_err(|_| StartError::Ended)??;
        }
        Ok(threads)
    }

    pub(super) fn count(&self) -> usize {
        self.threads.len()
    }
}

impl Drop for NetworkThreads {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

/// The body of one thread: loads the network, reports it, and runs batches until the queue is closed.
fn work(
    bundle: &Bundle,
    queue: &BatchQueue,
    started: SyncSender<Result<(), StartError>>,
    metrics: &NetworkMetrics,
) {
    let network = match warm_network(bundle) {
        Ok(network) => network,
        Err(error) => return drop(started.send(Err(error))),
    };
    if started.send(Ok(())).is_err() {
        return;
    }
    drop(started);
    let mut warm = Some(network);
    restart_after_panics(metrics, || {
        // A network that panicked may be in an undefined state: it is replaced.
        let network: Box<dyn Network> = match warm.take() {
            Some(network) => network,
            None => warm_network(bundle)?,
        };
        while let Some(pending) = queue.next() {
            execute(&*network, pending, metrics);
        }
        Ok(())
    });
}

/// Repeats some work each time that it panics, and counts how often.
fn restart_after_panics(
    metrics: &NetworkMetrics,
    mut work: impl FnMut() -> Result<(), StartError>,
) {
    loop {
        match catch_unwind(AssertUnwindSafe(&mut work)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::error!(%error, "a thread of the network could not be replaced");
                return;
            }
            Err(_) => {
                tracing::error!("a thread of the network died and is replaced");
                metrics.replaced();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_panics_is_repeated_and_counted() {
        let metrics = NetworkMetrics::default();
        let mut begun = 0;
        restart_after_panics(&metrics, || {
            begun += 1;
            assert!(begun > 2, "the first two fail");
            Ok(())
        });
        assert_eq!((begun, metrics.times_replaced()), (3, 2));
    }
}
