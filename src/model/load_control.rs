//! Control of loading: it can be stopped, and counts the threads that hang.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::hung_threads::HungThreads;

/// What all loads of a server share; clones share it.
#[derive(Debug, Clone, Default)]
pub struct LoadControl {
    /// Counts the threads of all networks that hang.
    pub hung: HungThreads,
    stopped: Arc<AtomicBool>,
}

impl LoadControl {
    /// Stops the loads that are under way and those that begin later, each before its next run of a network: a process
    /// that exits while a thread runs libtorch may crash.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether loading was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
