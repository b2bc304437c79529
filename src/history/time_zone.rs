//! Time zone of a history: how its times without an offset are read, and where its periods end.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::{self, Offset};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::moment::Moment;

/// The zones that mean UTC itself.
const NAMES_OF_UTC: [&str; 2] = ["UTC", "Etc/UTC"];

/// A zone of the IANA database; UTC by default. The database is a part of the program, so that every machine counts the
/// same periods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeZone(Option<tz::TimeZone>);

impl TimeZone {
    /// UTC.
    pub const UTC: Self = Self(None);

    /// The zone of this name, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// With the sentence to answer when there is none.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "expected the name of a zone in the IANA time zone database, such as Europe/Berlin";
        if NAMES_OF_UTC
            .iter()
            .any(|utc| utc.eq_ignore_ascii_case(name))
        {
            return Ok(Self::UTC);
        }
        let zone = tz::db().get(name).map_err(|_| EXPECTED)?;
        if zone.is_unknown() {
            return Err(EXPECTED);
        }
        Ok(Self(Some(zone)))
    }

    /// The name in the IANA database; `None` for UTC.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_ref().and_then(tz::TimeZone::iana_name)
    }

    /// Whether it is UTC.
    #[inline]
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.0.is_none()
    }

    /// The moment at which its clocks show what those of UTC show at `shown`.
    ///
    /// A time that comes twice, as when summer time ends, is the first of the two; one that is skipped is as much later.
    #[inline]
    #[must_use]
    pub fn moment_of(&self, shown: Moment) -> Moment {
        match &self.0 {
            None => shown,
            Some(zone) => zone
                .to_timestamp(shown.calendar())
                .map_or(shown, of_timestamp),
        }
    }

    /// What its calendar and its clocks show at a moment: the moment at which those of UTC show the same.
    #[inline]
    #[must_use]
    pub fn shown(&self, moment: Moment) -> Moment {
        match &self.0 {
            None => moment,
            Some(zone) => Offset::UTC
                .to_timestamp(moment.calendar())
                .map_or(moment, |instant| {
                    Moment::of_calendar(zone.to_datetime(instant))
                }),
        }
    }

    /// Months between the beginning of the year 0 and that of the month that its calendar shows at a moment.
    #[inline]
    #[must_use]
    pub fn months(&self, moment: Moment) -> i32 {
        self.shown(moment).months()
    }

    /// The beginning of the month that comes so many after the first of the year 0.
    #[must_use]
    pub fn start_of_month(&self, months: i32) -> Moment {
        self.moment_of(Moment::start_of_month(months))
    }
}

fn of_timestamp(instant: Timestamp) -> Moment {
    Moment::of_calendar(Offset::UTC.to_datetime(instant))
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = TimeZone;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("the name of a time zone as a string")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<TimeZone, E> {
                TimeZone::parse(name).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Name)
    }
}

impl JsonSchema for TimeZone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z0-9_+/-]{1,64}$",
            "examples": ["Europe/Berlin"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_is_found_by_its_name_in_the_database() {
        for (name, found) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("Asia/Kolkata", Some("Asia/Kolkata")),
            ("UTC", None),
            ("Etc/UTC", None),
        ] {
            assert_eq!(TimeZone::parse(name).unwrap().name(), found, "{name}");
        }
        for other in [
            "",
            "Berlin",
            "+01:00",
            "Etc/Unknown",
            "../etc/passwd",
            "Europe/Berlin ",
        ] {
            assert!(TimeZone::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn months_begin_at_the_midnight_of_the_zone() {
        let months = 2020 * 12;
        for (name, start) in [
            ("America/New_York", "2020-01-01T05:00:00Z"),
            ("Asia/Kolkata", "2019-12-31T18:30:00Z"),
            ("UTC", "2020-01-01T00:00:00Z"),
        ] {
            let zone = TimeZone::parse(name).unwrap();
            let first = zone.start_of_month(months);
            assert_eq!(first.to_string(), start, "{name}");
            assert_eq!(zone.months(first), months, "{name}");
        }
        let zone = TimeZone::parse("America/New_York").unwrap();
        let before = Moment::parse("2020-01-01T04:59:59.999Z").unwrap();
        assert_eq!(zone.months(before), months - 1);
    }
}
