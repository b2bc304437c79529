//! The ledger: exact sums for each period and class, kept while a history is being read.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::amount::Amount;
use super::totals::PeriodSum;
use super::{Booking, Moment, Period, PeriodKind, Quality, Totals};

/// What a period has seen.
#[derive(Debug, Clone)]
struct Row {
    sums: Box<[Amount]>,
    used: u64,
    netted: u64,
    income: u64,
    unclassified: u64,
}

impl Row {
    fn new(classes: usize) -> Self {
        Self {
            sums: vec![Amount::default(); classes].into_boxed_slice(),
            used: 0,
            netted: 0,
            income: 0,
            unclassified: 0,
        }
    }

    fn transactions(&self) -> u64 {
        self.used + self.income + self.unclassified
    }
}

/// Adds up transactions in any order; [`Ledger::close`] cuts out the window.
#[derive(Debug)]
pub(super) struct Ledger {
    kind: PeriodKind,
    classes: usize,
    as_of: Option<Moment>,
    rows: Vec<Row>,
    row_of_period: BTreeMap<i32, usize>,
    /// Most transactions fall into the period of the one before: it is looked at first.
    latest: Option<(i32, usize)>,
    after_as_of: u64,
}

impl Ledger {
    pub(super) fn new(kind: PeriodKind, classes: usize, as_of: Option<Moment>) -> Self {
        Self {
            kind,
            classes,
            as_of,
            rows: Vec::new(),
            row_of_period: BTreeMap::new(),
            latest: None,
            after_as_of: 0,
        }
    }

    /// Adds one transaction; `None` stands for one that falls into no class.
    pub(super) fn add(&mut self, moment: Moment, amount: Amount, booking: Option<Booking>) {
        if self.as_of.is_some_and(|as_of| moment >= as_of) {
            self.after_as_of += 1;
            return;
        }
        let row = self.row(self.kind.period_of(moment).number());
        match booking {
            Some(Booking::Spending(class)) => {
                row.used += 1;
                row.netted += u64::from(amount.is_positive());
                row.sums[class.get()].add(amount);
            }
            Some(Booking::Income) => row.income += 1,
            None => row.unclassified += 1,
        }
    }

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
    /// first transaction are left out. `None` when no period is left.
    pub(super) fn close(self, window: usize) -> (Option<Totals>, Quality) {
        let mut quality = Quality {
            transactions: self.rows.iter().map(Row::transactions).sum::<u64>() + self.after_as_of,
            out_of_window: self.after_as_of,
            ..Quality::default()
        };
        let (Some((&first, _)), Some((&newest, _))) = (
            self.row_of_period.first_key_value(),
            self.row_of_period.last_key_value(),
        ) else {
            return (None, quality);
        };
        let last = self
            .as_of
            .map_or(newest, |as_of| self.last_period_before(as_of));
        let window = i32::try_from(window).unwrap_or(i32::MAX);
        let from = first.max(last.saturating_sub(window - 1));

        let periods = usize::try_from(last - from + 1).unwrap_or(0);
        let mut spending = Array2::zeros((periods, self.classes));
        let mut sums = vec![PeriodSum::default(); periods];
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
            let mut all_classes = Amount::default();
            for (cell, &sum) in spending.row_mut(step).iter_mut().zip(&row.sums) {
                *cell = sum.spending();
                if !sum.is_positive() {
                    all_classes.add(sum);
                }
            }
            sums[step] = PeriodSum {
                spending: all_classes.spending(),
                transactions: row.used,
            };
        }
        let from = Period::of_number(self.kind, from);
        (Some(Totals::new(from, spending, sums)), quality)
    }

    fn last_period_before(&self, as_of: Moment) -> i32 {
        let period = self.kind.period_of(as_of);
        if period.start() == as_of {
            period.number() - 1
        } else {
            period.number()
        }
    }
}
