//! What the network runs on.

use std::num::NonZeroUsize;

use clap::Args;

use super::LimitSettings;
use crate::model::Capacity;

/// The threads that run the network.
#[derive(Debug, Clone, Args)]
pub struct NetworkSettings {
    /// Threads that each own a copy of the network [default: one for each processor]
    #[arg(long, value_name = "COUNT", env = "MICROSEG_THREADS")]
    pub threads: Option<NonZeroUsize>,

    /// Scorings that may wait for a thread before the next one is answered with 503; as many parts of explanations
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_QUEUE",
        default_value = "2048"
    )]
    pub queue: NonZeroUsize,
}

impl NetworkSettings {
    /// The threads to run, at least 1.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    /// What the model may take on.
    #[must_use]
    pub fn capacity(&self, limits: &LimitSettings) -> Capacity {
        Capacity {
            threads: self.threads(),
            queue: self.queue.get(),
            limits: limits.history(),
        }
    }
}
