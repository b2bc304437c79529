//! Moment of a transaction, as the calendar of UTC shows it.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::digit_pattern::DigitPattern;

/// The first and the last year that a history may name.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

const YEAR_AND_MONTH: DigitPattern = DigitPattern::new(*b"0000-00-");
const DAY_AND_MINUTE: DigitPattern = DigitPattern::new(*b"00T00:00");

pub(super) const OUT_OF_RANGE: &str = "expected a year from 1900 to 2200";

/// A point in time as the calendar of UTC shows it; years 1900 to 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Since the beginning of the year 0: the calendar's periods need no more.
    months: i32,
    /// Since the beginning of the month.
    nanoseconds: i64,
}

const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;
const NANOSECONDS_PER_DAY: i64 = 86_400 * NANOSECONDS_PER_SECOND;
const DAYS_FROM_MARCH_0_TO_1970: i32 = 719_468;
/// More days than there are in all years that occur.
const MOST_DAYS: i32 = 1_000_000;

impl Moment {
    /// Months since the beginning of the year 0, seconds since the beginning of the month, and nanoseconds.
    pub(crate) fn parts(self) -> (i32, u32, u32) {
        let part = |number: i64| u32::try_from(number).unwrap_or_default();
        let seconds = self.nanoseconds.div_euclid(NANOSECONDS_PER_SECOND);
        let rest = self.nanoseconds.rem_euclid(NANOSECONDS_PER_SECOND);
        (self.months, part(seconds), part(rest))
    }

    /// From [`Moment::parts`]; `None` outside of the years of histories, or of the month.
    pub(crate) fn of_parts(months: i32, seconds: u32, nanoseconds: u32) -> Option<Self> {
        let years = i32::from(*YEARS.start())..=i32::from(*YEARS.end()) + 1;
        let nanoseconds = i64::from(seconds) * NANOSECONDS_PER_SECOND + i64::from(nanoseconds);
        let is_moment =
            years.contains(&months.div_euclid(12)) && nanoseconds < 31 * NANOSECONDS_PER_DAY;
        is_moment.then_some(Self {
            months,
            nanoseconds,
        })
    }

    /// The common forms, by their digits alone: a date, and a time to the second or the millisecond, in UTC or with an
    /// offset. `None` for any other, or for a time that does not exist or is out of range.
    pub(super) fn of_digits(text: &[u8]) -> Option<Self> {
        if let &[ref month @ .., d1, d2] = text
            && let Ok(month) = month.try_into()
        {
            return WrittenMonth::read(month)?.moment_of_day(two_digits(d1, d2)?, 0);
        }
        let (to_the_second, zone) = text.split_first_chunk()?;
        let nanoseconds = match *zone {
            [b'Z'] => 0,
            [b'.', f1, f2, f3, b'Z'] => {
                let hundreds = i64::from(two_digits(b'0', f1)?);
                (hundreds * 100 + i64::from(two_digits(f2, f3)?)) * 1_000_000
            }
            [sign, h1, h2, b':', m1, m2] => -offset([sign, h1, h2, b':', m1, m2])?,
            _ => return None,
        };
        Self::of_second(to_the_second, nanoseconds)
    }

    /// `2019-03-01T10:00:00`, and so many nanoseconds later. `None` for another form, or a time that does not exist or
    /// is out of range.
    fn of_second(text: &[u8; 19], nanoseconds: i64) -> Option<Self> {
        let (&month, rest) = text.split_first_chunk()?;
        WrittenMonth::read(month)?.moment(rest.first_chunk()?, nanoseconds)
    }

    /// From microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// With the sentence to answer when the year is out of range.
    pub fn from_unix_microseconds(microseconds: i64) -> Result<Self, &'static str> {
        let instant = Timestamp::from_microsecond(microseconds).map_err(|_| OUT_OF_RANGE)?;
        let in_utc = Offset::UTC.to_datetime(instant);
        if !YEARS.contains(&in_utc.year()) {
            return Err(OUT_OF_RANGE);
        }
        Ok(Self::of_calendar(in_utc))
    }

    /// From what the calendar and the clocks of UTC show.
    pub(super) fn of_calendar(in_utc: DateTime) -> Self {
        let time = in_utc.time();
        let hours = (i64::from(in_utc.day()) - 1) * 24 + i64::from(time.hour());
        let seconds = (hours * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
        Self {
            months: i32::from(in_utc.year()) * 12 + i32::from(in_utc.month()) - 1,
            nanoseconds: seconds * NANOSECONDS_PER_SECOND + i64::from(time.subsec_nanosecond()),
        }
    }

    /// The beginning of the month that comes so many after the first of the year 0.
    #[must_use]
    pub fn start_of_month(months: i32) -> Self {
        Self {
            months,
            nanoseconds: 0,
        }
    }

    /// The beginning of the day that comes so many after 1970-01-01.
    #[must_use]
    pub fn start_of_day(days: i32) -> Self {
        let day = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        Self::of_calendar(day.saturating_add(Span::new().days(days.clamp(-MOST_DAYS, MOST_DAYS))))
    }

    /// Days between 1970-01-01 and the moment's own, in UTC.
    #[must_use]
    pub fn days(self) -> i32 {
        // The days of the calendar that began in March of the year 0: February, and with it the leap day, is its last month.
        let months = self.months - 2;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let of_months = (153 * month + 2) / 5;
        year * 365 + leap_days + of_months + self.day_in_month() - DAYS_FROM_MARCH_0_TO_1970
    }

    /// The month, 1 to 12, in UTC.
    #[must_use]
    pub fn month(self) -> u8 {
        u8::try_from(self.months.rem_euclid(12) + 1).unwrap_or(1)
    }

    /// The day of the month, from 1, in UTC.
    #[must_use]
    pub fn day_of_month(self) -> u8 {
        u8::try_from(self.day_in_month() + 1).unwrap_or(1)
    }

    /// The day of the week, 0 to 6 from Monday, in UTC.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((self.days() + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// The hour, 0 to 23, in UTC.
    #[must_use]
    pub fn hour(self) -> u8 {
        let in_day = self.nanoseconds.rem_euclid(NANOSECONDS_PER_DAY);
        u8::try_from(in_day / (3_600 * NANOSECONDS_PER_SECOND)).unwrap_or(0)
    }

    /// The year and the number of the week (ISO 8601), in UTC.
    #[must_use]
    pub fn iso_week(self) -> (i16, i8) {
        let week = self.calendar().date().iso_week_date();
        (week.year(), week.week())
    }

    /// Nanoseconds from an earlier moment to this one; negative where it is later.
    #[must_use]
    pub fn nanoseconds_since(self, earlier: Self) -> i128 {
        let days = i128::from(self.days() - earlier.days());
        let in_day = |moment: Self| moment.nanoseconds.rem_euclid(NANOSECONDS_PER_DAY);
        days * i128::from(NANOSECONDS_PER_DAY) + i128::from(in_day(self) - in_day(earlier))
    }

    /// Days of the month before this one.
    fn day_in_month(self) -> i32 {
        i32::try_from(self.nanoseconds.div_euclid(NANOSECONDS_PER_DAY)).unwrap_or(0)
    }

    /// Months between the beginning of the year 0 and that of the moment's own, in UTC.
    #[inline]
    #[must_use]
    pub fn months(self) -> i32 {
        self.months
    }

    /// What the calendar and the clocks of UTC show.
    pub(super) fn calendar(self) -> DateTime {
        // Years of more digits do not occur: moments end in 2200, and periods are moved by at most a window.
        let year = i16::try_from(self.months.div_euclid(12).clamp(0, 9_999)).unwrap_or_default();
        let month = i8::try_from(self.months.rem_euclid(12) + 1).unwrap_or(1);
        let first = jiff::civil::date(year, month, 1).to_datetime(Time::midnight());
        first.saturating_add(SignedDuration::from_nanos(self.nanoseconds))
    }
}

/// The month at the beginning of a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenMonth {
    /// Since the beginning of the year 0.
    months: i32,
    days: u8,
}

impl WrittenMonth {
    /// Reads `2019-03-`. `None` for another form, or a month that does not exist or is out of range.
    pub(super) fn read(text: [u8; 8]) -> Option<Self> {
        let [century, _, year, _, _, month, ..] = YEAR_AND_MONTH.pairs(text)?;
        let year = i16::from(century) * 100 + i16::from(year);
        let first = Date::new(year, month.cast_signed(), 1).ok()?;
        YEARS.contains(&year).then_some(Self {
            months: i32::from(year) * 12 + i32::from(month) - 1,
            days: first.days_in_month().cast_unsigned(),
        })
    }

    /// The moment that `01T10:00:00` after the month gives, and so many nanoseconds later. `None` for another form, for
    /// a time that does not exist, and when the nanoseconds lead into another month.
    #[inline]
    pub(super) fn moment(self, rest: &[u8; 11], nanoseconds: i64) -> Option<Moment> {
        let (&day_and_minute, &[b':', s1, s2]) = rest.split_first_chunk()? else {
            return None;
        };
        let [day, _, _, hour, _, _, minute, _] = DAY_AND_MINUTE.pairs(day_and_minute)?;
        let second = two_digits(s1, s2)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let minutes = i64::from(hour) * 60 + i64::from(minute);
        let seconds = minutes * 60 + i64::from(second);
        self.moment_of_day(day, seconds * NANOSECONDS_PER_SECOND + nanoseconds)
    }

    /// So many nanoseconds after a day began. `None` when there is no such day, or they lead into another month.
    #[inline]
    fn moment_of_day(self, day: u8, nanoseconds: i64) -> Option<Moment> {
        let nanoseconds = (i64::from(day) - 1) * NANOSECONDS_PER_DAY + nanoseconds;
        let in_month = 0..i64::from(self.days) * NANOSECONDS_PER_DAY;
        let exists = (1..=self.days).contains(&day) && in_month.contains(&nanoseconds);
        exists.then_some(Moment {
            months: self.months,
            nanoseconds,
        })
    }
}

/// `+01:30` in nanoseconds, east of UTC for `+`.
#[inline]
pub(super) fn offset(text: [u8; 6]) -> Option<i64> {
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text else {
        return None;
    };
    let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minutes = i64::from(hours) * 60 + i64::from(minutes);
    let size = minutes * 60 * NANOSECONDS_PER_SECOND;
    Some(if sign == b'-' { -size } else { size })
}

/// The number that two digits make.
#[inline]
fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}Z", self.calendar())
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // `format: date-time` would refuse the date alone.
        json_schema!({
            "type": "string",
            "pattern": concat!(
                "^((19[0-9]{2}|2[01][0-9]{2}|2200)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|",
                "(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|",
                "(19|2[01])(0[48]|[2468][048]|[13579][26])-02-29|2000-02-29)",
                "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)(\\.[0-9]+)?)?",
                "( ?([Zz]|UTC|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?))?)?$",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_converted_to_utc() {
        let new_year = Moment::parse("2020-01-01T00:30:00+01:00").unwrap();
        assert_eq!(new_year.to_string(), "2019-12-31T23:30:00Z");
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
    fn calendar_and_clock_of_a_moment_are_those_of_utc() {
        for (text, days, weekday, hour) in [
            ("1970-01-01T00:00:00Z", 0, 3, 0),
            ("1969-12-31T23:59:59Z", -1, 2, 23),
            ("2000-03-01T12:30:00Z", 11_017, 2, 12),
            ("2019-03-07", 17_962, 3, 0),
            ("1900-01-01", -25_567, 0, 0),
        ] {
            let moment = Moment::parse(text).unwrap();
            let found = (moment.days(), moment.weekday(), moment.hour());
            assert_eq!(found, (days, weekday, hour), "{text}");
            assert_eq!(Moment::start_of_day(days).to_string()[..10], text[..10]);
        }
        let moment = Moment::parse("2020-02-29T23:59:59Z").unwrap();
        assert_eq!((moment.month(), moment.day_of_month()), (2, 29));
    }

    #[test]
    fn every_day_comes_after_the_one_before() {
        let first = Moment::parse("1900-01-01").unwrap().days();
        let last = Moment::parse("2200-12-31").unwrap().days();
        assert_eq!(last - first + 1, 301 * 365 + 73);
        for days in first..=last {
            assert_eq!(Moment::start_of_day(days).days(), days);
        }
    }

    #[test]
    fn time_between_moments_counts_over_months() {
        const HOUR: i128 = 3_600_000_000_000;
        let since = |later, earlier| {
            let parse = |text| Moment::parse(text).unwrap();
            parse(later).nanoseconds_since(parse(earlier))
        };
        assert_eq!(
            since("2020-03-01T01:00:00Z", "2020-02-28T23:00:00Z"),
            26 * HOUR
        );
        assert_eq!(since("2019-12-31T23:00:00Z", "2020-01-01T00:00:00Z"), -HOUR);
    }

    #[test]
    fn leap_second_counts_as_the_second_before() {
        let moment = Moment::parse("2016-12-31T23:59:60Z").unwrap();
        assert_eq!(moment.to_string(), "2016-12-31T23:59:59Z");
    }

    #[test]
    fn years_out_of_range_are_refused() {
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
