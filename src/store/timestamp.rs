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
