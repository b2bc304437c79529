//! `microseg health`: readiness of a running server, for probes in images without a shell.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ureq::tls::TlsConfig;

use crate::outcome::CommandResult;
use crate::output;

/// Arguments of `microseg health`. The variables are the server's own: with the same environment no argument is needed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The server's address
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "MICROSEG_ADDR",
        default_value = "127.0.0.1:8080"
    )]
    addr: String,
    /// The server's address for metrics and probes; if it is given, it is asked instead
    #[arg(long, value_name = "HOST:PORT", env = "MICROSEG_METRICS_ADDR")]
    metrics_addr: Option<String>,
    /// The server's certificate; if it is given, TLS is used. The certificate is not verified: nothing secret is sent
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// The time limit for the answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    timeout: u64,
}

impl Arguments {
    fn url(&self) -> String {
        let (scheme, address) = match (&self.metrics_addr, &self.tls_certificate) {
            (Some(address), _) => ("http", address),
            (None, Some(_)) => ("https", &self.addr),
            (None, None) => ("http", &self.addr),
        };
        format!("{scheme}://{address}/health/ready")
    }
}

/// Exits with 0 when the server is ready, else with 1 and the reason on standard error.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    // The certificate names the server, but a probe connects to its address.
    let tls = TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(microseg_tls::crypto())
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        // A proxy of the environment is not used.
        .proxy(None)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(arguments.timeout)))
        .tls_config(tls)
        .build()
        .into();
    let url = arguments.url();
    agent
        .get(&url)
        .call()
        .map_err(|error| format!("{url}: {error}"))?;
    output::print("ready\n")
}
