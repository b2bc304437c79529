//! Calendar of the simulated years: months as seconds since 1970 in UTC.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use rand::{Rng, RngExt};

use super::error::SimulationError;
use super::spending::Hours;

/// The last calendar year of every simulated history.
pub(super) const LAST_YEAR: i16 = 2020;

/// The longest simulated history, in calendar years.
pub(super) const MAX_YEARS: u8 = 6;

/// Where every simulated history ends, exclusive.
pub(super) const AS_OF: &str = "2021-01-01T00:00:00Z";

/// The length of a day, in seconds.
pub(super) const DAY: i64 = 86_400;

/// One calendar month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    /// The first second.
    start: i64,
    days: u8,
}

/// Every month that a history can cover.
#[derive(Debug)]
pub(super) struct Calendar {
    /// By year, newest last.
    years: Vec<[Month; 12]>,
    /// The first second after the last month.
    pub(super) end: i64,
}

impl Calendar {
    pub(super) fn new() -> Result<Self, SimulationError> {
        let mut years = Vec::new();
        let mut end = 0;
        for year in LAST_YEAR - i16::from(MAX_YEARS) + 1..=LAST_YEAR {
            let mut months = [Month { start: 0, days: 0 }; 12];
            for (number, month) in (1..).zip(&mut months) {
                let first = Date::new(year, number, 1)?;
                let start = Offset::UTC.to_timestamp(first.to_datetime(Time::midnight()))?;
                *month = Month {
                    start: start.as_second(),
                    days: first.days_in_month().unsigned_abs(),
                };
                end = month.start + i64::from(month.days) * DAY;
            }
            years.push(months);
        }
        Ok(Self { years, end })
    }

    /// The months of the year that lies `back` years before the last; none beyond [`MAX_YEARS`].
    pub(super) fn months(&self, back: u8) -> &[Month] {
        let year = self.years.iter().rev().nth(usize::from(back));
        year.map_or(&[], |months| months)
    }
}

impl Month {
    /// A moment on any day.
    pub(super) fn draw_moment(self, hours: Hours, random: &mut impl Rng) -> i64 {
        let day = random.random_range(0..self.days.max(1));
        self.moment_on(day, hours, random)
    }

    /// A moment on one day, 0 for the first; later than the last day is the last day.
    pub(super) fn moment_on(self, day: u8, hours: Hours, random: &mut impl Rng) -> i64 {
        let (from, to) = hours.span();
        // The mean of two even draws: most bookings are in the middle of the hours.
        let middle = f64::midpoint(random.random::<f64>(), random.random::<f64>());
        #[expect(clippy::cast_possible_truncation, reason = "below 86,400")]
        let second = ((from + (to - from) * middle) * 3600.0) as i64;
        let day = day.min(self.days.saturating_sub(1));
        self.start + i64::from(day) * DAY + second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn months_follow_each_other_without_a_gap() {
        let calendar = Calendar::new().unwrap();
        let months: Vec<Month> = calendar.years.iter().flatten().copied().collect();
        assert_eq!(months.len(), 12 * usize::from(MAX_YEARS));
        for pair in months.windows(2) {
            assert_eq!(pair[0].start + i64::from(pair[0].days) * DAY, pair[1].start);
        }
        let end = jiff::Timestamp::from_second(calendar.end).unwrap();
        assert_eq!(end.to_string(), AS_OF);
        assert_eq!(calendar.months(0)[11].days, 31);
        assert_eq!(calendar.months(0)[1].days, 29);
        assert_eq!(calendar.months(1)[1].days, 28);
    }

    #[test]
    fn drawn_moments_are_within_their_month_and_hours() {
        let calendar = Calendar::new().unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let february = calendar.months(1)[1];
        for _ in 0..1000 {
            let moment = february.draw_moment(Hours::Evening, &mut random);
            assert!((february.start..february.start + 28 * DAY).contains(&moment));
            assert!(moment.rem_euclid(DAY) >= 16 * 3600);
        }
        let last = february.moment_on(30, Hours::Early, &mut random);
        assert_eq!((last - february.start) / DAY, 27);
    }
}
