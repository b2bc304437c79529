//! Settings of traffic: the rate and the share of each caller, and the number of requests at once.

use std::num::NonZeroU32;

use clap::Args;
use clap::builder::BoolishValueParser;

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

    /// The most bodies of many lines at once, of all callers; beyond them the answer is 503
    /// [default: half of the most requests at once]
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_STREAMS",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_streams: Option<u32>,

    /// The share, in percent, of requests, streams, held bytes, explanations and waiting jobs that one key's name, or one
    /// peer where there are no keys, can hold alone, 1 to 100; beyond it the answer is 503, and others are served. With
    /// 50 no caller holds more than it leaves free; with 100 there are no shares
    #[arg(
        long,
        value_name = "PERCENT",
        env = "MICROSEG_CALLER_SHARE",
        default_value = "50",
        value_parser = clap::value_parser!(u8).range(1..=100),
    )]
    pub caller_share: u8,

    /// Do not limit a peer without a key to its share: for a server without keys behind a proxy, whose address all
    /// requests have
    #[arg(long, env = "MICROSEG_NO_PEER_SHARES", value_parser = BoolishValueParser::new())]
    pub no_peer_shares: bool,
}

impl TrafficSettings {
    /// The most requests at once, as a size in memory.
    #[must_use]
    pub fn concurrent(&self) -> usize {
        usize::try_from(self.max_concurrent_requests).unwrap_or(usize::MAX)
    }

    /// The most bodies of many lines at once, as a size in memory, at least 1.
    #[must_use]
    pub fn streams(&self) -> usize {
        let half = (self.max_concurrent_requests / 2).max(1);
        usize::try_from(self.max_streams.unwrap_or(half)).unwrap_or(usize::MAX)
    }
}
