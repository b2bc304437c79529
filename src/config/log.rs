//! Settings of the log: its filter and its format.

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// The log, on standard error.
#[derive(Debug, Clone, Args)]
pub struct LogSettings {
    /// What to log: error, warn, info, debug, trace, or directives such as microseg=debug,tower=warn
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "MICROSEG_LOG",
        default_value = "info",
        value_parser = filter,
    )]
    pub log: String,

    /// The format of a line
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "MICROSEG_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
}

/// The format of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Checks that the filter is valid, so that an invalid one is reported with the line of the file.
fn filter(text: &str) -> Result<String, String> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
