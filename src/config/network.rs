//! Settings of the network: its threads, its queue and its batches.

use std::num::NonZeroUsize;

use clap::Args;
use microseg_model::Capacity;

use super::limits::LimitSettings;

/// The threads that run the network.
#[derive(Debug, Clone, Args)]
pub struct NetworkSettings {
    /// Threads that run the network, each with a copy of it; there are as many further copies for scorings that run on the
    /// thread of their request
    /// [default: one for each processor]
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_THREADS",
        value_parser = clap::value_parser!(u16).range(1..=1024),
    )]
    pub threads: Option<u16>,

    /// Scorings that may wait for a thread before the next one is answered with 503
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_QUEUE",
        default_value = "2048",
        value_parser = clap::value_parser!(u16).range(1..),
    )]
    pub queue: u16,

    /// The most steps of one batch, in periods: waiting histories are joined to a batch up to this number
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_BATCH_STEPS",
        default_value_t = Capacity::BATCH_STEPS,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub batch_steps: u32,
}

impl NetworkSettings {
    /// The number of threads, at least 1.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            usize::from,
        )
    }

    /// The capacity of the model.
    #[must_use]
    pub fn capacity(&self, limits: &LimitSettings) -> Capacity {
        Capacity {
            threads: self.threads(),
            queue: usize::from(self.queue),
            batch_steps: usize::try_from(self.batch_steps).unwrap_or(usize::MAX),
            limits: limits.history(),
        }
    }
}
