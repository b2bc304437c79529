//! Times as they are written: RFC 3339 and the forms that databases and tables export, with an offset or without one.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::moment::{Moment, OUT_OF_RANGE, YEARS};
use super::time_zone::TimeZone;

const EXPECTED: &str =
    "expected an RFC 3339 time such as 2019-03-01T10:00:00Z, or a date such as 2019-03-01";

/// A time that was read. Without an offset it is a point in time only once its zone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenTime {
    /// The point in time; without an offset, the one at which the clocks of UTC show the time.
    moment: Moment,
    has_offset: bool,
}

impl WrittenTime {
    /// Reads `2019-03-01T10:00:00+01:00`, a time without an offset, or a date, which is its midnight.
    ///
    /// A blank may stand for the `T`, and before the offset. Seconds may be missing, and have a fraction. The offset is
    /// `Z`, `UTC`, `+01:00`, `+0100` or `+01`. A leap second counts as the second before it.
    ///
    /// # Errors
    /// With the sentence to answer when the text is no such time, or its year is out of range.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match Self::of_digits(text.as_bytes()) {
            Some(time) => Ok(time),
            None => Self::of_any_form(text.as_bytes()),
        }
    }

    /// The common forms, by their digits alone; `None` for any other, or for a time that does not exist.
    #[inline]
    pub(super) fn of_digits(text: &[u8]) -> Option<Self> {
        let moment = Moment::of_digits(text)?;
        // Of the forms that are read by their digits, only a date has no offset.
        let has_offset = text.len() > DATE_LENGTH;
        Some(Self { moment, has_offset })
    }

    /// As [`WrittenTime::parse`], for all forms alike.
    pub(super) fn of_any_form(text: &[u8]) -> Result<Self, &'static str> {
        let parts = Parts::read(text).ok_or(EXPECTED)?;
        let local = parts.local().ok_or(EXPECTED)?;
        let (in_utc, has_offset) = match parts.offset_seconds {
            None => (local, false),
            // The calendar goes on where points in time end.
            Some(0) => (local, true),
            Some(seconds) => (at_offset(local, seconds).ok_or(EXPECTED)?, true),
        };
        if !YEARS.contains(&in_utc.year()) {
            return Err(OUT_OF_RANGE);
        }
        let moment = Moment::of_calendar(in_utc);
        Ok(Self { moment, has_offset })
    }

    /// The point in time, where the clocks are those of `zone`.
    #[inline]
    #[must_use]
    pub fn in_zone(self, zone: &TimeZone) -> Moment {
        if self.has_offset {
            self.moment
        } else {
            zone.moment_of(self.moment)
        }
    }
}

impl Moment {
    /// Reads a time as [`WrittenTime::parse`]; without an offset it is in UTC.
    ///
    /// # Errors
    /// With the sentence to answer when the text is no such time or its year is out of range.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::parse_in(text, &TimeZone::UTC)
    }

    /// Reads a time as [`WrittenTime::parse`]; without an offset it is in `zone`.
    ///
    /// # Errors
    /// With the sentence to answer when the text is no such time or its year is out of range.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Result<Self, &'static str> {
        WrittenTime::parse(text).map(|time| time.in_zone(zone))
    }
}

const DATE_LENGTH: usize = "2019-03-01".len();

/// The time of UTC at which clocks that many seconds ahead of it show `local`.
fn at_offset(local: DateTime, seconds: i32) -> Option<DateTime> {
    let offset = Offset::from_seconds(seconds).ok()?;
    let instant: Timestamp = offset.to_timestamp(local).ok()?;
    Some(Offset::UTC.to_datetime(instant))
}

/// The numbers of a written time.
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    /// East of UTC; `None` without an offset.
    offset_seconds: Option<i32>,
}

impl Parts {
    fn read(text: &[u8]) -> Option<Self> {
        let mut rest = Rest(text);
        let year = i16::from(rest.two_digits()?) * 100 + i16::from(rest.two_digits()?);
        rest.expect(b'-')?;
        let month = rest.two_digits()?;
        rest.expect(b'-')?;
        let mut parts = Self {
            year,
            month,
            day: rest.two_digits()?,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset_seconds: None,
        };
        if !rest.is_empty() {
            parts.read_clock(&mut rest)?;
        }
        rest.is_empty().then_some(parts)
    }

    fn read_clock(&mut self, rest: &mut Rest<'_>) -> Option<()> {
        if !(rest.passes(b'T') || rest.passes(b't') || rest.passes(b' ')) {
            return None;
        }
        self.hour = rest.two_digits()?;
        rest.expect(b':')?;
        self.minute = rest.two_digits()?;
        if rest.passes(b':') {
            self.second = rest.two_digits()?;
            if rest.passes(b'.') {
                self.nanosecond = rest.fraction()?;
            }
        }
        if !rest.is_empty() {
            rest.passes(b' ');
            self.offset_seconds = Some(rest.offset()?);
        }
        Some(())
    }

    /// What the clocks show.
    fn local(&self) -> Option<DateTime> {
        let date = Date::new(self.year, self.month, self.day).ok()?;
        let second = match self.second {
            60 => 59,
            second => second,
        };
        let time = Time::new(self.hour, self.minute, second, self.nanosecond).ok()?;
        Some(date.to_datetime(time))
    }
}

/// The bytes that have not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn passes(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.passes(byte).then_some(())
    }

    fn two_digits(&mut self) -> Option<i8> {
        let (&[tens, ones], rest) = self.0.split_first_chunk()?;
        if !(tens.is_ascii_digit() && ones.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok()
    }

    /// The digits behind the point in nanoseconds; what lies below is cut off.
    fn fraction(&mut self) -> Option<i32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.count();
        let (digits, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0'));
        let value = |sum, digit| sum * 10 + i32::from(digit - b'0');
        (length > 0).then(|| padded.take(9).fold(0, value))
    }

    /// An offset of a time of day, 23:59 at the most, in seconds.
    fn offset(&mut self) -> Option<i32> {
        if self.passes(b'Z') || self.passes(b'z') {
            return Some(0);
        }
        if let Some(rest) = self.0.strip_prefix(b"UTC") {
            self.0 = rest;
            return Some(0);
        }
        let is_west = self.passes(b'-');
        if !is_west {
            self.expect(b'+')?;
        }
        let hours = i32::from(self.two_digits()?);
        let has_minutes = self.passes(b':') || !self.is_empty();
        let minutes = if has_minutes {
            i32::from(self.two_digits()?)
        } else {
            0
        };
        let seconds = (hours * 60 + minutes) * 60;
        let is_offset = hours <= 23 && minutes <= 59;
        is_offset.then_some(if is_west { -seconds } else { seconds })
    }
}

impl<'de> Deserialize<'de> for WrittenTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = WrittenTime;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a time or a date as a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<WrittenTime, E> {
                WrittenTime::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_databases_and_tables_are_read() {
        let noon = Moment::parse("2020-01-01T12:00:00Z");
        for same in [
            "2020-01-01t12:00:00z",
            "2020-01-01 12:00:00Z",
            "2020-01-01T12:00:00.000000000000Z",
            "2020-01-01T12:00:00-00:00",
            "2020-01-02T11:59:00+23:59",
            "2020-01-01T12:00:00",
            "2020-01-01 12:00:00",
            "2020-01-01 12:00:00.000",
            "2020-01-01T12:00",
            "2020-01-01T12:00Z",
            "2020-01-01 12:00:00 UTC",
            "2020-01-01 12:00:00.0 UTC",
            "2020-01-01 14:00:00+02",
            "2020-01-01T14:00:00+0200",
            "2020-01-01 14:00:00 +0200",
            "2020-01-01T06:30:00.000-0530",
        ] {
            assert_eq!(Moment::parse(same), noon, "{same}");
        }
    }

    #[test]
    fn fraction_is_kept_to_the_nanosecond() {
        let read = |text| Moment::parse(text).unwrap();
        for (text, same) in [
            ("2020-01-01 12:00:00.5", "2020-01-01T12:00:00.500Z"),
            (
                "2020-01-01T12:00:00.1234567891",
                "2020-01-01T12:00:00.123456789Z",
            ),
            (
                "2019-12-31 23:59:59.999999999",
                "2019-12-31T23:59:59.999999999Z",
            ),
        ] {
            assert_eq!(read(text), read(same), "{text}");
        }
        assert!(read("2019-12-31 23:59:59.999999999") < read("2020-01-01"));
    }

    #[test]
    fn other_forms_are_refused() {
        for other in [
            "",
            "yesterday",
            "1551434400",
            "20200101",
            "20200101T120000Z",
            "2020/01/01",
            "2020-1-1",
            "2020-01",
            "+002020-01-01",
            "2020-W01-1",
            "2020-02-30",
            "2020-01-01T",
            "2020-01-01T12Z",
            "2020-01-01T12",
            "2020-01-01T24:00:00",
            "2020-01-01T12:60:00",
            "2020-01-01T12:00:61",
            "2020-01-01T12:00:00,5Z",
            "2020-01-01T12:00:00.Z",
            "2020-01-01T12:00:00+24:00",
            "2020-01-01T12:00:00+1",
            "2020-01-01T12:00:00+020",
            "2020-01-01T12:00:00+02:",
            "2020-01-01T12:00:00+02:00:30",
            "2020-01-01T12:00:00  UTC",
            "2020-01-01T12:00:00 ",
            "2020-01-01T12:00:00CET",
            "2020-01-01Z",
            "2020-01-01+02:00",
            "2020-01-01[Europe/Berlin]",
            "2020-01-01T12:00:00+01:00[Europe/Berlin]",
            "2020-01-01T12:00:00 PM",
        ] {
            assert_eq!(Moment::parse(other), Err(EXPECTED), "{other}");
        }
    }

    #[test]
    fn time_without_an_offset_is_read_in_the_zone_and_another_is_not() {
        let zone = TimeZone::parse("America/New_York").unwrap();
        for (text, in_utc) in [
            ("2019-12-31 23:30:00", "2020-01-01T04:30:00Z"),
            ("2019-07-01", "2019-07-01T04:00:00Z"),
            ("2019-12-31T23:30:00Z", "2019-12-31T23:30:00Z"),
            ("2019-12-31T23:30:00+0200", "2019-12-31T21:30:00Z"),
            // The hour that is skipped in spring is read an hour later, and the one that comes twice the first time.
            ("2019-03-10 02:30:00", "2019-03-10T07:30:00Z"),
            ("2019-11-03 01:30:00", "2019-11-03T05:30:00Z"),
            // The range is that of the calendar on the wall.
            ("2200-12-31 23:30:00", "2201-01-01T04:30:00Z"),
        ] {
            let moment = Moment::parse_in(text, &zone).unwrap();
            assert_eq!(moment.to_string(), in_utc, "{text}");
        }
    }
}
