//! The moment of a transaction: RFC 3339 with an offset, or a date alone, brought to UTC.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::rfc3339::Rfc3339;

/// The first and the last year that a history may name.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

const OUT_OF_RANGE: &str = "expected a year from 1900 to 2200";

static PARSER: DateTimeParser = DateTimeParser::new();

/// A point in time as the calendar of UTC shows it; years 1900 to 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime);

impl Moment {
    /// Reads `2019-03-01T10:00:00Z`, any other offset, or `2019-03-02` (its midnight in UTC).
    ///
    /// A leap second counts as the second before it.
    ///
    /// # Errors
    /// With the sentence to answer when the text is no such time or its year is out of range.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match Self::of_digits(text.as_bytes()) {
            Some(moment) => Ok(moment),
            None => Self::of_any_form(text),
        }
    }

    /// As [`Moment::parse`], by way of `jiff`.
    pub(super) fn of_any_form(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "expected an RFC 3339 time such as 2019-03-01T10:00:00Z, or a date such as 2019-03-01";
        let shape = Rfc3339::of(text.as_bytes()).ok_or(EXPECTED)?;
        let text = shape.without_excess_digits(text);
        let pieces = PARSER.parse_pieces(text.as_ref()).map_err(|_| EXPECTED)?;
        let in_utc = match (pieces.time(), pieces.to_numeric_offset()) {
            (None, None) => pieces.date().to_datetime(Time::midnight()),
            (Some(time), Some(Offset::UTC)) => pieces.date().to_datetime(time),
            (Some(time), Some(offset)) => offset
                .to_timestamp(pieces.date().to_datetime(time))
                .map(|instant| Offset::UTC.to_datetime(instant))
                .map_err(|_| EXPECTED)?,
            (Some(_), None) => return Err("expected an offset after the time: Z or +hh:mm"),
            (None, Some(_)) => return Err(EXPECTED),
        };
        Self::in_range(in_utc)
    }

    /// The common forms without a detour: a date, and a time to the second or the millisecond, in UTC or with an
    /// offset. Nothing for any other, or for a time that does not exist or is out of range.
    pub(super) fn of_digits(text: &[u8]) -> Option<Self> {
        let (&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2], time) = text.split_first_chunk()?
        else {
            return None;
        };
        let year = i16::from(two_digits(y1, y2)?) * 100 + i16::from(two_digits(y3, y4)?);
        let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
        if time.is_empty() {
            let in_utc = DateTime::new(year, month, day, 0, 0, 0, 0).ok()?;
            return Self::in_range(in_utc).ok();
        }
        let (&[b'T', h1, h2, b':', n1, n2, b':', s1, s2], zone) = time.split_first_chunk()? else {
            return None;
        };
        let (hour, minute, second) = (
            two_digits(h1, h2)?,
            two_digits(n1, n2)?,
            two_digits(s1, s2)?,
        );
        let (milliseconds, offset) = match *zone {
            [b'Z'] => (0, None),
            [b'.', f1, f2, f3, b'Z'] => {
                let hundreds = two_digits(b'0', f1)?;
                (
                    i32::from(hundreds) * 100 + i32::from(two_digits(f2, f3)?),
                    None,
                )
            }
            [sign @ (b'+' | b'-'), h1, h2, b':', n1, n2] => (
                0,
                Some(offset(sign, two_digits(h1, h2)?, two_digits(n1, n2)?)?),
            ),
            _ => return None,
        };
        let local = DateTime::new(
            year,
            month,
            day,
            hour,
            minute,
            second,
            milliseconds * 1_000_000,
        )
        .ok()?;
        let in_utc = match offset {
            None => local,
            Some(offset) => Offset::UTC.to_datetime(offset.to_timestamp(local).ok()?),
        };
        Self::in_range(in_utc).ok()
    }

    /// From microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// With the sentence to answer when the year is out of range.
    pub fn from_unix_microseconds(microseconds: i64) -> Result<Self, &'static str> {
        let instant = Timestamp::from_microsecond(microseconds).map_err(|_| OUT_OF_RANGE)?;
        Self::in_range(Offset::UTC.to_datetime(instant))
    }

    fn in_range(in_utc: DateTime) -> Result<Self, &'static str> {
        if YEARS.contains(&in_utc.year()) {
            Ok(Self(in_utc))
        } else {
            Err(OUT_OF_RANGE)
        }
    }

    pub(super) fn start_of_month(year: i16, month: i8) -> Self {
        Self(jiff::civil::date(year, month, 1).to_datetime(Time::midnight()))
    }

    /// The calendar year in UTC.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month in UTC, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }
}

/// A time of day, east of UTC for `+`.
fn offset(sign: u8, hours: i8, minutes: i8) -> Option<Offset> {
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
    Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()
}

/// The number that two digits make.
#[inline]
fn two_digits(tens: u8, ones: u8) -> Option<i8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| (tens * 10 + ones).cast_signed())
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}Z", self.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Moment;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a time or a date as a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                Moment::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_brought_to_utc() {
        let new_year = Moment::parse("2020-01-01T00:30:00+01:00").unwrap();
        assert_eq!((new_year.year(), new_year.month()), (2019, 12));
        assert_eq!(
            new_year,
            Moment::parse("2019-12-31T18:30:00-05:00").unwrap()
        );
        assert_eq!(
            Moment::parse("2019-03-02").unwrap(),
            Moment::parse("2019-03-02T00:00:00Z").unwrap()
        );
    }

    #[test]
    fn what_rfc_3339_allows_is_read_and_nothing_else() {
        let noon = Moment::parse("2020-01-01T12:00:00Z").unwrap();
        for same in [
            "2020-01-01t12:00:00z",
            "2020-01-01 12:00:00Z",
            "2020-01-01T12:00:00.000000000000Z",
            "2020-01-01T12:00:00-00:00",
            "2020-01-02T11:59:00+23:59",
        ] {
            assert_eq!(Moment::parse(same), Ok(noon), "{same}");
        }
        for other in [
            "2020-01-01T12:00:00+24:00",
            "2020-01-01T12:00:00+02",
            "2020-01-01T12:00:00+0200",
            "2020-01-01T12:00:00+02:00:30",
            "2020-01-01T12:00Z",
            "2020-01-01T12Z",
            "2020-01-01T12:00:00,5Z",
            "2020-01-01T12:00:00.Z",
            "20200101",
            "20200101T120000Z",
            "+002020-01-01",
            "2020-W01-1",
            "2020-01-01[Europe/Berlin]",
            "2020-01-01T12:00:00+01:00[Europe/Berlin]",
        ] {
            assert!(Moment::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_leap_second_stays_in_its_year() {
        assert_eq!(Moment::parse("2016-12-31T23:59:60Z").unwrap().year(), 2016);
    }

    #[test]
    fn refuses_what_is_no_time_and_years_beyond_the_calendar() {
        for text in [
            "",
            "yesterday",
            "2019-02-30",
            "2019-03-01T10:00:00",
            "2019-03-01T25:00:00Z",
            "1551434400",
            "2020-01-01[Asia/Tokyo]",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
        for text in [
            "0000-01-01",
            "1899-12-31",
            "2201-01-01",
            "9999-12-31T23:59:59Z",
            "2200-12-31T23:59:59-01:00",
        ] {
            assert_eq!(
                Moment::parse(text),
                Err("expected a year from 1900 to 2200"),
                "{text}"
            );
        }
        assert!(Moment::parse("1900-01-01").is_ok());
        assert!(Moment::parse("2200-12-31T23:59:59Z").is_ok());
    }
}
