//! Timestamps as the databases store them.

use jiff::{Timestamp, Unit};

/// A timestamp rounded to milliseconds, the precision of records.
pub(crate) fn round_to_milliseconds(moment: Timestamp) -> Timestamp {
    moment.round(Unit::Millisecond).unwrap_or(moment)
}

/// Milliseconds since 1970, rounded.
pub(crate) fn milliseconds(moment: Timestamp) -> i64 {
    round_to_milliseconds(moment).as_millisecond()
}

/// A moment in milliseconds since 1970 as a text (RFC 3339).
#[must_use]
pub fn time_of(moment: i64) -> String {
    Timestamp::from_millisecond(moment)
        .unwrap_or_default()
        .to_string()
}
