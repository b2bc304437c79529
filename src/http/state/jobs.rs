//! The queue of explanations that are computed later.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::ApiError;
use microseg_store::{NewJob, Store};

/// The jobs in the store; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    pub(crate) store: Store,
    /// How many jobs may wait.
    limit: u64,
    enqueued: Arc<Notify>,
}

impl Jobs {
    pub(super) fn new(store: Store, limit: u64) -> Self {
        Self {
            store,
            limit,
            enqueued: Arc::default(),
        }
    }

    /// Adds a job, and wakes what runs them.
    ///
    /// # Errors
    /// [`ApiError::Store`] when too many jobs wait, or the store cannot be reached.
    pub(crate) async fn enqueue(&self, job: NewJob) -> Result<(), ApiError> {
        self.store.enqueue(job, self.limit).await?;
        self.enqueued.notify_one();
        Ok(())
    }

    /// Waits until a job is added, for `longest` at most.
    pub(crate) async fn enqueued(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.enqueued.notified()).await;
    }
}
