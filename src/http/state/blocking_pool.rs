//! Threads for work that would hold up the requests of others.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::ApiError;

/// Bodies beyond this size, in bytes, are parsed on other threads, so that they do not hold up the requests of others.
pub(crate) const PARSED_IN_PLACE: usize = 256 * 1024;

/// A bound on the threads that do long work; clones share it. What waits for a thread ends when its client leaves.
#[derive(Debug, Clone)]
pub(crate) struct BlockingPool {
    permits: Arc<Semaphore>,
    threads: usize,
}

impl BlockingPool {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(threads)),
            threads,
        }
    }

    /// Runs some work on a thread of the pool.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| ApiError::NotReady)?;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        });
        done.await.map_err(|_| ApiError::Interrupted)
    }

    /// How many chunks of one request are worked on at once: one for each thread, and one to follow.
    pub(crate) fn chunks_at_once(&self) -> usize {
        self.threads + 1
    }
}
