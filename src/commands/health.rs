//! `microseg health`: asks a running server whether it is ready, for probes in images without a shell.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use microseg::tls;
use ureq::tls::TlsConfig;

use super::Ended;

/// What `microseg health` takes. The variables are the server's own: beside it, nothing need be said.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address that the server listens on
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "MICROSEG_ADDR",
        default_value = "127.0.0.1:8080"
    )]
    addr: String,
    /// The server's address for metrics and probes, if it has one: then that is asked
    #[arg(long, value_name = "HOST:PORT", env = "MICROSEG_METRICS_ADDR")]
    metrics_addr: Option<String>,
    /// The server's certificate, if it has one: then TLS is spoken. Whose it is, is not looked at: nothing secret is sent
    #[arg(long, value_name = "FILE", env = "MICROSEG_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// How long to wait for an answer, in seconds
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
pub(crate) fn run(arguments: &Arguments) -> Ended {
    // The certificate is of the server's name, and a probe asks by its address.
    let tls = TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(tls::crypto())
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        // The server is asked itself, whatever proxy the environment names.
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
    println!("ready");
    Ok(ExitCode::SUCCESS)
}
