//! `microseg health`: asks a running server whether it is ready, for probes in images without a shell.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::Ended;

/// What `microseg health` takes.
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
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    timeout: u64,
}

/// Exits with 0 when the server is ready, else with 1 and the reason on standard error.
pub(crate) fn run(arguments: &Arguments) -> Ended {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        // The server is asked itself, whatever proxy the environment names.
        .proxy(None)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(arguments.timeout)))
        .build()
        .into();
    let url = format!("http://{}/health/ready", arguments.addr);
    agent
        .get(&url)
        .call()
        .map_err(|error| format!("{url}: {error}"))?;
    println!("ready");
    Ok(ExitCode::SUCCESS)
}
