//! Parsers of durations in whole seconds.

use std::time::Duration;

/// At least one second.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err("expected a whole number of seconds, at least 1".to_owned()),
    }
}

/// Any number of seconds, also none.
pub(super) fn seconds_or_none(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>();
    let seconds = seconds.map_err(|_| "expected a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds.into()))
}
