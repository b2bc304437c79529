//! Log: one line for each event, on standard error, without customer data.

use std::io::{self, IsTerminal as _};

use microseg_config::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// Starts the log of this process, which writes to what `writer` opens. A panic is logged with its place in the code, without
/// its message.
///
/// # Errors
/// When the filter does not parse.
pub fn start_log<W: io::Write + 'static>(
    settings: &LogSettings,
    writer: fn() -> W,
) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(&settings.log)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(writer);
    // A log that was started before stays.
    let _ = match settings.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        // The panic's message can have values of a history in it.
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
