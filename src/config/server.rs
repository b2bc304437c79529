//! Settings of the server: its addresses, and how long it waits for bodies and at its end.

use std::time::Duration;

use clap::Args;

use super::duration::seconds;

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

    /// A second address for /metrics and the probes, without TLS and without keys; /metrics is then served there only
    #[arg(long, value_name = "HOST:PORT", env = "MICROSEG_METRICS_ADDR")]
    pub metrics_addr: Option<String>,

    /// Allow a --metrics-addr on a network, where every client that reaches it can read the metrics
    #[arg(long, env = "MICROSEG_ALLOW_OPEN_METRICS")]
    pub allow_open_metrics: bool,

    /// The time limit for a body to arrive, in seconds; for a body of many lines, the time limit of each line and of a pause
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_BODY_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub body_timeout: Duration,

    /// The time limit in seconds for running requests to finish after SIGTERM
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_GRACE_PERIOD", default_value = "30", value_parser = seconds)]
    pub grace_period: Duration,
}
