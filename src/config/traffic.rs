//! Settings of traffic: the rate of each caller, and the number of requests at once.

use std::num::NonZeroU32;

use clap::Args;

/// Limits on requests.
#[derive(Debug, Clone, Args)]
pub struct TrafficSettings {
    /// The requests per second of each key's name, or of each peer where there are no keys, with a burst of the same number;
    /// beyond them the answer is 429 [default: no limit]
    #[arg(long, value_name = "COUNT", env = "MICROSEG_RATE_PER_SECOND")]
    pub rate_per_second: Option<NonZeroU32>,

    /// The most requests at once, of all callers; beyond them the answer is 503
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_CONCURRENT_REQUESTS",
        default_value = "4096",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_concurrent_requests: u32,
}

impl TrafficSettings {
    /// The most requests at once, as a size in memory.
    #[must_use]
    pub fn concurrent(&self) -> usize {
        usize::try_from(self.max_concurrent_requests).unwrap_or(usize::MAX)
    }
}
