//! Settings of connections: their number, and time limits for slow clients.

use std::time::Duration;

use clap::Args;

use super::duration::{seconds, seconds_or_none};

/// Connections.
#[derive(Debug, Clone, Args)]
pub struct ConnectionSettings {
    /// The most connections at once; further ones wait until one of them ends
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_CONNECTIONS",
        default_value = "10000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_connections: u32,

    /// The time limit in seconds for the head of a request, and for a TLS handshake
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_HEADER_TIMEOUT", default_value = "10", value_parser = seconds)]
    pub header_timeout: Duration,

    /// How long a connection is kept for the next request, in seconds; longer than a load balancer keeps it, which else sends
    /// requests into connections that are being closed
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_KEEP_ALIVE_TIMEOUT", default_value = "75", value_parser = seconds)]
    pub keep_alive_timeout: Duration,

    /// The time in seconds after which a connection is closed whose client reads none of its answer
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_WRITE_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub write_timeout: Duration,

    /// How long to go on serving after SIGTERM, with readiness already off, in seconds, so that load balancers can stop
    /// sending requests first; the grace period comes after it
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_DRAIN_DELAY", default_value = "0", value_parser = seconds_or_none)]
    pub drain_delay: Duration,
}

impl ConnectionSettings {
    /// The most connections at once, as a size in memory.
    #[must_use]
    pub fn most(&self) -> usize {
        usize::try_from(self.max_connections).unwrap_or(usize::MAX)
    }
}
