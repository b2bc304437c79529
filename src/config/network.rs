//! Settings of the network: its threads, its queue and its batches.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;
use microseg_model::Capacity;

use super::duration::seconds;
use super::limits::LimitSettings;

/// The threads that run the network.
#[derive(Debug, Clone, Args)]
pub struct NetworkSettings {
    /// Threads that run the network, each with a copy of it; scorings have half as many further threads
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

    /// The most steps of one batch: waiting histories are joined to a batch up to this number; of those whose steps are events
    /// 32 are joined in any case
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_BATCH_STEPS",
        default_value_t = Capacity::BATCH_STEPS,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub batch_steps: u32,

    /// The time limit of one run of the network, in seconds; a thread whose run takes longer is given up and replaced, and its
    /// requests are answered with 503
    /// [default: 100 times what the slowest golden case took for as many steps, at least 5]
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_NETWORK_TIMEOUT", value_parser = seconds)]
    pub network_timeout: Option<Duration>,

    /// The number of threads that may hang at the same time before the server ends: each goes on using a processor
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_HUNG_THREADS",
        default_value = "4",
        value_parser = clap::value_parser!(u16).range(1..),
    )]
    pub max_hung_threads: u16,
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
            network_timeout: self.network_timeout,
            ..Capacity::single(limits.history())
        }
    }
}
