//! Threads of a network with their watchdog: their start, and their end with the model.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::queue::Work;
use super::thread_group::{ThreadContext, ThreadGroup};
use super::warm_network::StartError;
use super::watchdog;

/// How long the end of the threads is waited for. What runs longer has no caller any more, or hangs.
const ENDING: Duration = Duration::from_secs(2);

/// The running threads. Dropping them closes the queue and waits until the batches in it have run, unless one hangs.
pub(super) struct NetworkThreads(Arc<ThreadGroup>);

impl NetworkThreads {
    /// Starts so many threads for each kind of work, and waits until each has a warm network; each may take as long as
    /// `patience`.
    pub(super) fn start(
        context: ThreadContext,
        counts: &[(Work, usize)],
        patience: Duration,
    ) -> Result<Self, StartError> {
        let threads = Self(Arc::new(ThreadGroup::new(context)));
        let works = counts
            .iter()
            .flat_map(|&(work, count)| std::iter::repeat_n(work, count));
        let works: Vec<_> = works.collect();
        let (started, starts) = sync_channel(works.len());
        for &work in &works {
            threads.0.start_thread(work, Some(started.clone()))?;
        }
        drop(started);
        for _ in works {
            match starts.recv_timeout(patience) {
                Ok(start) => start?,
                Err(RecvTimeoutError::Timeout) => return Err(StartError::Hung(patience)),
                Err(RecvTimeoutError::Disconnected) => return Err(StartError::Ended),
            }
        }
        watchdog::start(&threads.0)?;
        Ok(threads)
    }

    pub(super) fn count(&self) -> usize {
        self.0.count()
    }
}

impl Drop for NetworkThreads {
    fn drop(&mut self) {
        self.0.end(ENDING);
    }
}
