//! Calendar of a history: its periods, and when they begin in the history's time zone.

use microseg_history::{Moment, TimeZone};

use super::period::{Period, PeriodKind};

/// The periods of one kind in one time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    kind: PeriodKind,
    zone: TimeZone,
}

impl Calendar {
    pub(super) fn new(kind: PeriodKind, zone: TimeZone) -> Self {
        Self { kind, zone }
    }

    pub(super) fn kind(&self) -> PeriodKind {
        self.kind
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The period that a moment falls into.
    #[inline]
    pub(super) fn period_of(&self, moment: Moment) -> Period {
        if self.zone.is_utc() {
            return self.kind.period_of(moment);
        }
        let period = self.kind.period_of(self.zone.shown(moment));
        // Clocks that are set back over the midnight of a period's begin show the period before once more.
        let next = period.offset(1);
        if self.start(next) <= moment {
            next
        } else {
            period
        }
    }

    /// The first moment inside a period.
    pub(super) fn start(&self, period: Period) -> Moment {
        self.zone.moment_of(period.begin())
    }

    /// The last period that has a moment before this one.
    pub(super) fn last_before(&self, moment: Moment) -> Period {
        let period = self.period_of(moment);
        if self.start(period) < moment {
            period
        } else {
            period.offset(-1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period_of(kind: PeriodKind, zone: &str, moment: &str) -> String {
        let calendar = Calendar::new(kind, TimeZone::parse(zone).unwrap());
        let moment = Moment::parse(moment).unwrap();
        calendar.period_of(moment).to_string()
    }

    #[test]
    fn period_of_a_moment_has_its_name_start_and_predecessor() {
        let moment = Moment::parse("2019-05-17T12:00:00Z").unwrap();
        for (kind, name, start, previous) in [
            (PeriodKind::Year, "2019", "2019-01-01", "2018"),
            (PeriodKind::Quarter, "2019-Q2", "2019-04-01", "2019-Q1"),
            (PeriodKind::Month, "2019-05", "2019-05-01", "2019-04"),
            (PeriodKind::Week, "2019-W20", "2019-05-13", "2019-W19"),
            (PeriodKind::Day, "2019-05-17", "2019-05-17", "2019-05-16"),
        ] {
            let calendar = Calendar::new(kind, TimeZone::UTC);
            let period = calendar.period_of(moment);
            assert_eq!(period.to_string(), name);
            assert_eq!(calendar.start(period), Moment::parse(start).unwrap());
            assert_eq!(period.offset(-1).to_string(), previous);
        }
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        for (moment, week) in [
            ("2019-03-07", "2019-W10"),
            ("2018-12-31", "2019-W01"),
            ("2020-12-31", "2020-W53"),
            ("2021-01-03T23:59:59Z", "2020-W53"),
            ("2021-01-04", "2021-W01"),
            ("1969-12-29", "1970-W01"),
            ("1969-12-28", "1969-W52"),
            ("1900-01-01", "1900-W01"),
            ("2200-12-31", "2201-W01"),
        ] {
            assert_eq!(period_of(PeriodKind::Week, "UTC", moment), week, "{moment}");
        }
    }

    #[test]
    fn days_follow_each_other_over_the_ends_of_months_and_leap_years() {
        let calendar = Calendar::new(PeriodKind::Day, TimeZone::UTC);
        for (moment, next) in [
            ("1900-02-28T23:59:59Z", "1900-03-01"),
            ("2000-02-28", "2000-02-29"),
            ("2020-02-29", "2020-03-01"),
            ("1969-12-31", "1970-01-01"),
            ("2019-12-31", "2020-01-01"),
        ] {
            let day = calendar.period_of(Moment::parse(moment).unwrap());
            assert_eq!(day.to_string(), &moment[..10]);
            assert_eq!(day.offset(1).to_string(), next);
            assert_eq!(calendar.start(day.offset(1)), Moment::parse(next).unwrap());
        }
    }

    #[test]
    fn day_begins_and_ends_with_the_clocks_of_the_zone() {
        let day = PeriodKind::Day;
        for (zone, moment, period) in [
            ("America/New_York", "2020-01-01T04:30:00Z", "2019-12-31"),
            ("Europe/Berlin", "2019-03-06T23:00:00Z", "2019-03-07"),
            // The day in which summer time begins has 23 hours, and that in which it ends 25.
            ("Europe/Berlin", "2019-03-31T21:59:59Z", "2019-03-31"),
            ("Europe/Berlin", "2019-10-26T22:00:00Z", "2019-10-27"),
            ("Europe/Berlin", "2019-10-27T22:59:59Z", "2019-10-27"),
            // Samoa left out 2011-12-30.
            ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
            // Clocks went from one minute past midnight back to 23:01 of the day before.
            ("America/St_Johns", "2009-11-01T02:40:00Z", "2009-11-01"),
        ] {
            assert_eq!(period_of(day, zone, moment), period, "{zone} {moment}");
        }
    }

    #[test]
    fn period_ends_at_the_midnight_of_the_zone() {
        let (year, month) = (PeriodKind::Year, PeriodKind::Month);
        for (kind, zone, moment, period) in [
            (year, "America/New_York", "2020-01-01T04:30:00Z", "2019"),
            (year, "America/New_York", "2020-01-01T05:00:00Z", "2020"),
            (year, "Europe/Berlin", "2019-12-31T23:00:00Z", "2020"),
            (month, "Asia/Kolkata", "2020-02-29T18:30:00Z", "2020-03"),
            // Clocks went from one minute past midnight back to 23:01 of the day before.
            (month, "America/St_Johns", "2009-11-01T02:30:30Z", "2009-11"),
            (month, "America/St_Johns", "2009-11-01T02:40:00Z", "2009-11"),
        ] {
            assert_eq!(period_of(kind, zone, moment), period, "{zone} {moment}");
        }
    }

    #[test]
    fn window_that_ends_with_a_period_does_not_reach_the_next() {
        for (zone, as_of) in [
            ("UTC", "2020-01-01"),
            ("America/New_York", "2020-01-01T05:00:00Z"),
        ] {
            let calendar = Calendar::new(PeriodKind::Year, TimeZone::parse(zone).unwrap());
            let as_of = Moment::parse(as_of).unwrap();
            assert_eq!(calendar.last_before(as_of).to_string(), "2019");
        }
        // The first midnight of April 2011 was skipped in Jordan.
        let zone = TimeZone::parse("Asia/Amman").unwrap();
        let as_of = Moment::parse_in("2011-04-01", &zone).unwrap();
        let calendar = Calendar::new(PeriodKind::Month, zone);
        assert_eq!(calendar.last_before(as_of).to_string(), "2011-03");
    }
}
