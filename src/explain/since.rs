//! The moment that a history is compared with, as a caller writes it.

use serde::{Deserialize, Serialize};

use microseg_history::{Moment, TimeZone, WrittenTime};

/// A date or a time, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Since {
    text: String,
    time: WrittenTime,
}

impl Since {
    /// The point in time, where the clocks are those of `zone`.
    pub(crate) fn moment(&self, zone: &TimeZone) -> Moment {
        self.time.in_zone(zone)
    }
}

impl TryFrom<String> for Since {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = WrittenTime::parse(&text)?;
        Ok(Self { text, time })
    }
}

impl From<Since> for String {
    fn from(since: Since) -> Self {
        since.text
    }
}

/// Why a history cannot be compared with what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SinceFault {
    /// Nothing says when.
    #[error("expected a date or a time: change compares with the history as it was then")]
    Missing,
    /// Nothing is compared with an earlier moment.
    #[error(
        "expected no such member: only change with the baseline earlier compares with an earlier moment"
    )]
    NotUsed,
    /// There is no history before then, or none since then.
    #[error(
        "expected a moment inside the history: behind the first of its periods, or events, that are known, and not behind the last one"
    )]
    Outside,
    /// There is nothing to divide.
    #[error("expected an earlier moment: nothing was spent since then")]
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_is_midnight_of_the_zone_and_is_written_as_it_was_read() {
        let since: Since = serde_json::from_str(r#""2019-07-01""#).unwrap();
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        let midnight = Moment::parse("2019-06-30T22:00:00Z").unwrap();
        assert_eq!(since.moment(&berlin), midnight);
        assert_eq!(serde_json::to_string(&since).unwrap(), r#""2019-07-01""#);
        assert!(serde_json::from_str::<Since>(r#""yesterday""#).is_err());
    }
}
