//! Totals of a history: spending for each period and class of the window, the sufficient statistic of a history.

use ndarray::{Array2, ArrayView2};
use sha2::{Digest, Sha256};

use super::calendar::Calendar;
use super::period::Period;
use super::profile::Profile;
use microseg_history::{Moment, Taxonomy, TimeZone};

/// Net spending of a window, `[T, K]`, in the caller's currency, at least zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    calendar: Calendar,
    from: Period,
    spending: Array2<f64>,
    periods: Vec<PeriodSum>,
}

/// One period, all classes together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PeriodSum {
    /// Net spending in the caller's currency: summed exactly, then rounded once.
    pub spending: f64,
    /// Transactions that count as spending.
    pub transactions: u64,
}

impl Totals {
    pub(super) fn new(
        calendar: Calendar,
        from: Period,
        spending: Array2<f64>,
        periods: Vec<PeriodSum>,
    ) -> Self {
        Self {
            calendar,
            from,
            spending,
            periods,
        }
    }

    /// The network's input for these totals.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile::of_spending(self.spending.view())
    }

    /// Spending by period and class, `[T, K]`.
    #[must_use]
    pub fn spending(&self) -> ArrayView2<'_, f64> {
        self.spending.view()
    }

    /// The periods of the window, oldest first.
    #[must_use]
    pub fn periods(&self) -> impl ExactSizeIterator<Item = (Period, PeriodSum)> + '_ {
        self.periods.iter().enumerate().map(|(step, &sum)| {
            let steps = i32::try_from(step).unwrap_or(i32::MAX);
            (self.from.offset(steps), sum)
        })
    }

    /// The place of the period that a moment is in, among those of the window; `None` for a moment outside of it.
    #[must_use]
    pub fn place_of(&self, moment: Moment) -> Option<usize> {
        let place = self.calendar.period_of(moment).number() - self.from.number();
        let place = usize::try_from(place).ok();
        place.filter(|&place| place < self.periods.len())
    }

    /// When the period of a place in the window begins.
    #[must_use]
    pub fn start_of(&self, place: usize) -> Moment {
        let steps = i32::try_from(place).unwrap_or(i32::MAX);
        self.calendar.start(self.from.offset(steps))
    }

    /// How many periods make about a year.
    #[must_use]
    pub fn periods_of_a_year(&self) -> usize {
        self.calendar.kind().per_year()
    }

    /// The first moment of the window and the first moment after it.
    #[must_use]
    pub fn span(&self) -> (Moment, Moment) {
        let steps = i32::try_from(self.periods.len()).unwrap_or(i32::MAX);
        let start = |period| self.calendar.start(period);
        (start(self.from), start(self.from.offset(steps)))
    }

    /// The zone in whose calendar the periods are.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        self.calendar.zone()
    }

    pub(super) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The first period of the window.
    pub(super) fn first_period(&self) -> Period {
        self.from
    }

    /// Whether nothing was spent in the whole window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spending.iter().all(|&amount| amount <= 0.0)
    }

    /// SHA-256 over the canonical form of the totals, in lower-case hex.
    ///
    /// The canonical form is one line for each period of the window, `period` and a line feed, and below it one for
    /// each class with spending in the order of the taxonomy: the class, a tab, the amount as the 16 hex digits of
    /// its IEEE 754 binary64, and a line feed. It does not depend on the order of transactions or on their splitting.
    #[must_use]
    pub fn digest(&self, taxonomy: &Taxonomy) -> String {
        let mut hasher = Sha256::new();
        for ((period, _), row) in self.periods().zip(self.spending.rows()) {
            hasher.update(format!("{period}\n"));
            for (class, amount) in taxonomy.classes().iter().zip(row) {
                if *amount > 0.0 {
                    hasher.update(format!("{}\t{:016x}\n", class.id, amount.to_bits()));
                }
            }
        }
        hex::encode(hasher.finalize())
    }
}
