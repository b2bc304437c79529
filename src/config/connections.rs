//! How many connections there may be, and how long each may keep the server waiting.

use std::time::Duration;

use clap::Args;

use super::server::seconds;

/// Connections.
#[derive(Debug, Clone, Args)]
pub struct ConnectionSettings {
    /// The most connections at once; the next ones wait until one of them ends
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_CONNECTIONS",
        default_value = "10000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_connections: u32,

    /// How long the head of a request may take to arrive, a TLS handshake, and a silence between two requests of one
    /// connection, in seconds
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_HEADER_TIMEOUT", default_value = "10", value_parser = seconds)]
    pub header_timeout: Duration,

    /// How long a client may take none of its answer, in seconds
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_WRITE_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub write_timeout: Duration,

    /// How long to go on as before after SIGTERM, not ready but serving, in seconds, so that balancers can turn away first;
    /// the grace period comes after it
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

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>();
    let seconds = seconds.map_err(|_| "expected a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds.into()))
}
