//! Ledger of a history: exact sums for each period and class, kept while transactions are read.

use std::collections::BTreeMap;
use std::ops::Range;

use ndarray::{Array1, Array2, ArrayViewMut1};

use super::calendar::Calendar;
use super::counts::Counts;
use super::period::Period;
use super::quality::Quality;
use super::totals::{PeriodSum, Totals};
use super::warnings::Suspicions;
use serde::{Deserialize, Serialize};

use microseg_history::{
    Amount, Booking, ClassReference, Moment, ParsedTransaction, SavedAmount, TransactionSink,
};

/// The sums and counts of one period.
#[derive(Debug, Clone)]
struct Row {
    sums: Box<[Amount]>,
    used: u64,
    netted: u64,
    income: u64,
    unclassified: u64,
    /// Those of the unclassified without class and MCC.
    without_class: u64,
}

impl Row {
    fn new(classes: usize) -> Self {
        Self {
            sums: vec![Amount::default(); classes].into_boxed_slice(),
            used: 0,
            netted: 0,
            income: 0,
            unclassified: 0,
            without_class: 0,
        }
    }

    fn transactions(&self) -> u64 {
        self.used + self.income + self.unclassified
    }

    /// Writes the spending of each class, `[K]`, and gives that of all.
    fn write_spending(&self, mut spending: ArrayViewMut1<'_, f64>) -> PeriodSum {
        let mut all_classes = Amount::default();
        for (cell, &sum) in spending.iter_mut().zip(&self.sums) {
            *cell = sum.spending();
            if !sum.is_positive() {
                all_classes.add(sum);
            }
        }
        PeriodSum {
            spending: all_classes.spending(),
            transactions: self.used,
        }
    }
}

/// The sums of periods, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedLedger(Vec<SavedRow>);

/// The sums and counts of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedRow {
    period: i32,
    /// The classes that have sums, by their places.
    sums: Vec<(u32, SavedAmount)>,
    used: u64,
    netted: u64,
    income: u64,
    unclassified: u64,
    without_class: u64,
}

impl SavedRow {
    fn new(period: i32, row: &Row) -> Self {
        let sums = (0..).zip(&row.sums);
        let sums = sums.filter(|(_, sum)| **sum != Amount::default());
        Self {
            period,
            sums: sums.map(|(class, &sum)| (class, sum.into())).collect(),
            used: row.used,
            netted: row.netted,
            income: row.income,
            unclassified: row.unclassified,
            without_class: row.without_class,
        }
    }
}

/// The content of a ledger, cut to the window.
pub(super) struct Closed {
    /// `None` without a period.
    pub(super) totals: Option<Totals>,
    pub(super) quality: Quality,
    pub(super) suspicions: Suspicions,
}

/// Adds up transactions in any order; [`Ledger::close`] cuts out the window.
#[derive(Debug)]
pub(super) struct Ledger {
    calendar: Calendar,
    classes: usize,
    as_of: Option<Moment>,
    rows: Vec<Row>,
    row_of_period: BTreeMap<i32, usize>,
    /// Most transactions fall into the period of the one before: it is tried first.
    latest: Option<(i32, usize)>,
    /// The period of the latest search in the calendar of a zone other than UTC, from its first moment to the next one's.
    found: Option<(Range<Moment>, i32)>,
    after_as_of: u64,
    newest: Option<Moment>,
}

impl Ledger {
    pub(super) fn new(calendar: Calendar, classes: usize, as_of: Option<Moment>) -> Self {
        Self {
            calendar,
            classes,
            as_of,
            rows: Vec::new(),
            row_of_period: BTreeMap::new(),
            latest: None,
            found: None,
            after_as_of: 0,
            newest: None,
        }
    }

    /// The bytes of memory that it takes.
    pub(super) fn held_bytes(&self) -> usize {
        // With the place of the row in the tree.
        let of_row = size_of::<Row>() + self.classes * size_of::<Amount>() + 32;
        self.rows.len() * of_row
    }

    /// The number of a moment's period.
    #[inline]
    fn period_number(&mut self, moment: Moment) -> i32 {
        if self.calendar.zone().is_utc() {
            return self.calendar.period_of(moment).number();
        }
        match &self.found {
            Some((span, number)) if span.contains(&moment) => *number,
            _ => {
                let period = self.calendar.period_of(moment);
                let next = self.calendar.start(period.offset(1));
                let span = self.calendar.start(period)..next;
                self.found = Some((span, period.number()));
                period.number()
            }
        }
    }

    #[inline]
    fn row(&mut self, period: i32) -> &mut Row {
        let index = match self.latest {
            Some((latest, index)) if latest == period => index,
            _ => *self.row_of_period.entry(period).or_insert_with(|| {
                self.rows.push(Row::new(self.classes));
                self.rows.len() - 1
            }),
        };
        self.latest = Some((period, index));
        &mut self.rows[index]
    }

    /// The totals of the last `window` periods, and what became of every transaction.
    ///
    /// The window ends at `as_of`, or with the period of the newest transaction; periods before the customer's
    /// first transaction are left out. There are no totals when no period is left.
    pub(super) fn close(self, window: usize) -> Closed {
        let mut quality = Quality {
            transactions: self.rows.iter().map(Row::transactions).sum::<u64>() + self.after_as_of,
            out_of_window: self.after_as_of,
            ..Quality::default()
        };
        let (Some((&first, _)), Some((&newest, _))) = (
            self.row_of_period.first_key_value(),
            self.row_of_period.last_key_value(),
        ) else {
            return Closed {
                totals: None,
                quality,
                suspicions: Suspicions::default(),
            };
        };
        let last = self.last_period(newest);
        let from = first_of_window(first, last, window);
        let periods = usize::try_from(last - from + 1).unwrap_or(0);
        let mut spending = Array2::zeros((periods, self.classes));
        let mut sums = vec![PeriodSum::default(); periods];
        let mut suspicions = Suspicions::default();
        for (&number, &index) in &self.row_of_period {
            let row = &self.rows[index];
            let Ok(step) = usize::try_from(number - from) else {
                quality.out_of_window += row.transactions();
                continue;
            };
            quality.used += row.used;
            quality.netted += row.netted;
            quality.income += row.income;
            quality.unclassified += row.unclassified;
            suspicions.without_class += row.without_class;
            sums[step] = row.write_spending(spending.row_mut(step));
        }
        let from = Period::of_number(self.calendar.kind(), from);
        Closed {
            totals: Some(Totals::new(self.calendar, from, spending, sums)),
            quality,
            suspicions,
        }
    }

    /// The period that a moment falls into.
    pub(super) fn period_of(&self, moment: Moment) -> Period {
        self.calendar.period_of(moment)
    }

    /// The newest moment before `as_of`; `None` without a transaction.
    pub(super) fn newest(&self) -> Option<Moment> {
        self.newest
    }

    /// The number of the first period of the window, `None` without a transaction.
    pub(super) fn first_of_window(&self, window: usize) -> Option<i32> {
        let (&first, _) = self.row_of_period.first_key_value()?;
        let (&newest, _) = self.row_of_period.last_key_value()?;
        Some(first_of_window(first, self.last_period(newest), window))
    }

    /// The number of the last period of the window, from that of the newest transaction.
    fn last_period(&self, newest: i32) -> i32 {
        self.as_of
            .map_or(newest, |as_of| self.calendar.last_before(as_of).number())
    }

    /// The sums of the periods from the one of this number on, and the counts of the older ones. Transactions at `as_of` and
    /// later are in neither.
    pub(super) fn save_from(&self, from: i32) -> (SavedLedger, Counts) {
        let mut counts = Counts::default();
        let mut rows = Vec::new();
        for (&period, &index) in &self.row_of_period {
            let row = &self.rows[index];
            if period >= from {
                rows.push(SavedRow::new(period, row));
            } else {
                counts.transactions += row.transactions();
                counts.used += row.used;
                counts.netted += row.netted;
                counts.income += row.income;
                counts.unclassified += row.unclassified;
                counts.without_class += row.without_class;
            }
        }
        (SavedLedger(rows), counts)
    }

    /// The sums of the last `window` periods, and the counts of the older ones, which are out of the window.
    pub(super) fn save_window(&self, window: usize) -> (SavedLedger, Counts) {
        let from = self.first_of_window(window).unwrap_or(i32::MIN);
        let (mut saved, counts) = self.save_from(from);
        if counts.transactions > 0 && saved.0.first().is_none_or(|row| row.period > from) {
            // Older transactions were there: the window begins before the oldest of these rows.
            saved.0.insert(0, SavedRow::new(from, &Row::new(0)));
        }
        (saved, counts.out_of_window())
    }

    /// Adds saved sums, whose newest transaction was at a moment; `None` when they are of other classes.
    pub(super) fn restore(&mut self, saved: SavedLedger, newest: Moment) -> Option<()> {
        for saved in saved.0 {
            let row = self.row(saved.period);
            for (class, sum) in saved.sums {
                let place = row.sums.get_mut(usize::try_from(class).ok()?)?;
                place.add(sum.restore()?);
            }
            row.used += saved.used;
            row.netted += saved.netted;
            row.income += saved.income;
            row.unclassified += saved.unclassified;
            row.without_class += saved.without_class;
        }
        self.newest = self.newest.max(Some(newest));
        Some(())
    }

    /// The newest period that has a transaction.
    pub(super) fn newest_period(&self) -> Option<Period> {
        let (&number, _) = self.row_of_period.last_key_value()?;
        Some(Period::of_number(self.calendar.kind(), number))
    }

    /// The oldest period that has a transaction.
    pub(super) fn first_period(&self) -> Option<Period> {
        let (&number, _) = self.row_of_period.first_key_value()?;
        Some(Period::of_number(self.calendar.kind(), number))
    }

    /// The totals of so many periods from one on.
    pub(super) fn totals_of(&self, first: Period, periods: i32) -> Totals {
        let periods = usize::try_from(periods).unwrap_or(0);
        let mut spending = Array2::zeros((periods, self.classes));
        let mut sums = Vec::with_capacity(periods);
        for (steps, mut row) in (0..).zip(spending.rows_mut()) {
            let (of_classes, sum) = self.period(first.offset(steps));
            row.assign(&of_classes);
            sums.push(sum);
        }
        Totals::new(self.calendar.clone(), first, spending, sums)
    }

    /// One period so far: the spending of each class, `[K]`, and that of all.
    pub(super) fn period(&self, period: Period) -> (Array1<f64>, PeriodSum) {
        let mut spending = Array1::zeros(self.classes);
        let row = self.row_of_period.get(&period.number());
        let sum = row.map_or_else(PeriodSum::default, |&index| {
            self.rows[index].write_spending(spending.view_mut())
        });
        (spending, sum)
    }
}

/// The first of the last `window` periods up to `last`, but none before `first`.
fn first_of_window(first: i32, last: i32, window: usize) -> i32 {
    let window = i32::try_from(window).unwrap_or(i32::MAX);
    first.max(last.saturating_sub(window - 1))
}

impl TransactionSink for Ledger {
    #[inline]
    fn add(&mut self, transaction: ParsedTransaction) {
        let ParsedTransaction {
            moment,
            amount,
            class,
        } = transaction;
        if self.as_of.is_some_and(|as_of| moment >= as_of) {
            self.after_as_of += 1;
            return;
        }
        self.newest = self.newest.max(Some(moment));
        let period = self.period_number(moment);
        let row = self.row(period);
        match class {
            ClassReference::Known(Booking::Spending(class)) => {
                row.used += 1;
                row.netted += u64::from(amount.is_positive());
                row.sums[class.get()].add(amount);
            }
            ClassReference::Known(Booking::Income(_)) => row.income += 1,
            ClassReference::Unknown => row.unclassified += 1,
            ClassReference::Absent => {
                row.unclassified += 1;
                row.without_class += 1;
            }
        }
    }
}
