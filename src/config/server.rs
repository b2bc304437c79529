//! Where the server listens and how long it waits.

use std::time::Duration;

use clap::Args;

/// The server.
#[derive(Debug, Clone, Args)]
pub struct ServerSettings {
    /// The address to listen on; port 0 takes a free one
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "MICROSEG_ADDR",
        default_value = "127.0.0.1:8080"
    )]
    pub addr: String,

    /// An address of its own for /metrics and the probes, in the clear and without keys: /metrics is then there alone
    #[arg(long, value_name = "HOST:PORT", env = "MICROSEG_METRICS_ADDR")]
    pub metrics_addr: Option<String>,

    /// Let everybody who can reach --metrics-addr read the metrics, also from a network
    #[arg(long, env = "MICROSEG_ALLOW_OPEN_METRICS")]
    pub allow_open_metrics: bool,

    /// How long a body may take to arrive, in seconds; of a body of many lines, how long a line may take, and a silence
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_BODY_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub body_timeout: Duration,

    /// How long requests under way may take to finish after SIGTERM, in seconds
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_GRACE_PERIOD", default_value = "30", value_parser = seconds)]
    pub grace_period: Duration,
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err("expected a whole number of seconds, at least 1".to_owned()),
    }
}
