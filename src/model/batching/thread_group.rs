//! Group of the threads of one network: each owns a copy of it and runs the batches of the queue. A thread whose run does
//! not end is given up and replaced.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::batch_size::BatchSizes;
use super::execution::Executor;
use super::queue::{BatchQueue, Work};
use super::run::RunError;
use super::run_limit::RunLimit;
use super::sized_network::SizedNetwork;
use super::warm_network::{StartError, warm_network};
use super::watched_run::{GivenUp, WatchedRun};
use crate::bundle::Bundle;
use crate::load_control::LoadControl;
use crate::metrics::NetworkMetrics;

/// What the threads of a network need.
pub(super) struct ThreadContext {
    pub(super) bundle: Bundle,
    pub(super) queue: Arc<BatchQueue>,
    pub(super) batch_sizes: BatchSizes,
    pub(super) limit: RunLimit,
    pub(super) metrics: NetworkMetrics,
    pub(super) control: LoadControl,
}

/// The threads of one network, shared with their owner and their watchdog.
pub(super) struct ThreadGroup {
    pub(super) context: ThreadContext,
    threads: Mutex<Threads>,
    /// Notified when a thread has ended.
    ended: Condvar,
}

#[derive(Default)]
struct Threads {
    running: Vec<NetworkThread>,
    finished: Vec<JoinHandle<()>>,
}

/// A running thread.
struct NetworkThread {
    work: Work,
    watched: Arc<WatchedRun>,
    handle: JoinHandle<()>,
}

/// Receives whether a thread has a warm network.
type Started = SyncSender<Result<(), StartError>>;

impl ThreadGroup {
    /// No threads yet.
    pub(super) fn new(context: ThreadContext) -> Self {
        Self {
            context,
            threads: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.threads.lock().running.len()
    }

    /// Closes the queue and waits until its batches have run, but no longer than `patience`.
    pub(super) fn end(&self, patience: Duration) {
        self.context.queue.close();
        let mut threads = self.threads.lock();
        let until = Instant::now() + patience;
        while !threads.running.is_empty() {
            if self.ended.wait_until(&mut threads, until).timed_out() {
                break;
            }
        }
        let finished = std::mem::take(&mut threads.finished);
        drop(threads);
        for thread in finished {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }

    /// Starts a thread, which tells `started` whether it has a warm network.
    pub(super) fn start_thread(
        self: &Arc<Self>,
        work: Work,
        started: Option<Started>,
    ) -> Result<(), StartError> {
        let watched = Arc::new(WatchedRun::default());
        let (shared, own) = (self.clone(), watched.clone());
        // The thread finds itself in the list when it ends, however early that is.
        let mut threads = self.threads.lock();
        let handle = thread::Builder::new()
            .name("network".to_owned())
            .spawn(move || {
                shared.run(work, &own, started);
                shared.leave(&own);
            })?;
        threads.running.push(NetworkThread {
            work,
            watched,
            handle,
        });
        Ok(())
    }

    /// The body of one thread: loads the network, reports it, and runs batches until the queue is closed.
    fn run(&self, work: Work, watched: &WatchedRun, started: Option<Started>) {
        let network = self.warm_network();
        let mut warm = match (network, started) {
            (Ok(network), Some(started)) => {
                if started.send(Ok(())).is_err() {
                    return;
                }
                Some(network)
            }
            (Err(error), Some(started)) => return drop(started.send(Err(error))),
            (Ok(network), None) => Some(network),
            (Err(error), None) => return log_irreplaceable(&error),
        };
        restart_after_panics(&self.context.metrics, || {
            // A network that panicked may be in an undefined state: it is replaced.
            let network = match warm.take() {
                Some(network) => network,
                None => self.warm_network()?,
            };
            let executor = Executor {
                network: &network,
                watched,
                limit: self.context.limit,
                metrics: &self.context.metrics,
            };
            while let Some(pending) = self.context.queue.next(work) {
                if executor.execute(pending) == Err(GivenUp) {
                    break;
                }
            }
            Ok(())
        });
    }

    /// A copy of the network whose batches have the sizes that were found for it.
    fn warm_network(&self) -> Result<SizedNetwork, StartError> {
        let network = warm_network(&self.context.bundle, &self.context.control)?;
        Ok(SizedNetwork::new(
            network.into_inner(),
            self.context.batch_sizes,
        ))
    }

    /// Called by each thread at its end.
    fn leave(&self, watched: &Arc<WatchedRun>) {
        if watched.is_given_up() {
            tracing::warn!("a run of the network has ended after its thread was given up");
            self.context.control.hung.remove();
            self.context.metrics.hung.dec();
            return;
        }
        let mut threads = self.threads.lock();
        let own = threads.running.iter();
        let own = own
            .enumerate()
            .find(|(_, thread)| Arc::ptr_eq(&thread.watched, watched));
        if let Some((place, _)) = own {
            let thread = threads.running.swap_remove(place);
            threads.finished.push(thread.handle);
        }
        let is_empty = threads.running.is_empty();
        drop(threads);
        self.ended.notify_all();
        if is_empty {
            self.stop();
        }
    }

    /// Ends the requests that wait when no thread is left for them.
    fn stop(&self) {
        self.context.queue.close();
        while self.context.queue.next(Work::All).is_some() {}
    }

    /// Gives up every thread whose run is late, and starts another in its place.
    pub(super) fn replace_late(self: &Arc<Self>) {
        let mut threads = self.threads.lock();
        let now = Instant::now();
        let mut late = Vec::new();
        threads.running.retain(|thread| {
            let members = thread.watched.give_up_if_late(now);
            let is_late = members.is_some();
            late.extend(members.map(|members| (thread.work, members)));
            !is_late
        });
        drop(threads);
        for (work, members) in late {
            self.report_hung();
            for member in members {
                member.answer(Err(RunError::Hung));
            }
            if self.context.queue.is_closed() {
                continue;
            }
            self.context.metrics.replaced();
            if let Err(error) = self.start_thread(work, None) {
                log_irreplaceable(&error);
            }
        }
        self.ended.notify_all();
    }

    fn report_hung(&self) {
        let manifest = self.context.bundle.manifest();
        self.context.control.hung.add();
        self.context.metrics.hung.inc();
        tracing::error!(
            model = manifest.name,
            version = manifest.version,
            hung_threads = self.context.control.hung.count(),
            "a run of the network does not end: its thread is given up"
        );
    }

    /// Whether the watchdog has nothing left to watch.
    pub(super) fn is_over(&self) -> bool {
        self.context.queue.is_closed() && self.threads.lock().running.is_empty()
    }

    /// Waits until a thread has ended, or so long.
    pub(super) fn wait(&self, time: Duration) {
        self.ended.wait_for(&mut self.threads.lock(), time);
    }
}

fn log_irreplaceable(error: &StartError) {
    tracing::error!(%error, "a thread of the network could not be replaced");
}

/// Repeats some work each time that it panics, and counts how often.
fn restart_after_panics(
    metrics: &NetworkMetrics,
    mut work: impl FnMut() -> Result<(), StartError>,
) {
    loop {
        match catch_unwind(AssertUnwindSafe(&mut work)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => return log_irreplaceable(&error),
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
