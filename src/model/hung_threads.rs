//! Count of the threads whose network does not return from a run.

use tokio::sync::watch;

/// The threads that were given up because a run of their network did not end in time; clones share the count. Such a thread
/// cannot be stopped: it goes on using a processor until its run ends, and counts until then.
#[derive(Debug, Clone, Default)]
pub struct HungThreads(watch::Sender<usize>);

impl HungThreads {
    /// How many threads hang at the moment.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Resolves once so many threads hang at the same time.
    pub async fn reached(&self, most: usize) {
        let mut counts = self.0.subscribe();
        // The sender lives as long as this does.
        let _ = counts.wait_for(|count| *count >= most).await;
    }

    pub(crate) fn add(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    pub(crate) fn remove(&self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn number_is_reached_by_threads_that_hang_at_the_same_time() {
        let hung = HungThreads::default();
        hung.add();
        hung.remove();
        hung.add();
        assert_eq!(hung.count(), 1);
        let reached = hung.clone();
        let reached = tokio::spawn(async move { reached.reached(2).await });
        tokio::task::yield_now().await;
        assert!(!reached.is_finished());
        hung.add();
        reached.await.unwrap();
    }
}
