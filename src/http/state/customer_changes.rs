//! Changes of kept customers, which are scored again soon.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Wakes the task that scores kept customers; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomerChanges(Arc<Notify>);

impl CustomerChanges {
    /// A customer's transactions have changed.
    pub(crate) fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits for a change on this server, at most so long.
    pub(crate) async fn wait(&self, most: Duration) {
        // The time is over: another server on the store may have kept transactions.
        let _ = tokio::time::timeout(most, self.0.notified()).await;
    }
}
