//! Encoding of periods again: the sums and counts of what is left.

use ndarray::Array2;

use crate::calendar::Calendar;
use crate::declaration::{Number, PeriodSource};
use crate::inputs::{Inputs, PeriodRecords, Placed, PlacesInCalendar, of_periods};
use crate::ledger::Ledger;
use crate::period::Period;
use crate::totals::{PeriodSum, Totals};
use crate::transactions::Transactions;
use microseg_history::{HistoryError, Moment, ParsedTransaction, TransactionSink};

/// Encodes a history of periods again.
#[derive(Debug)]
pub struct PeriodReencoder<'a> {
    placed: Vec<Placed<'a>>,
    as_of: Option<Moment>,
    calendar: &'a Calendar,
    numbers: &'a [Number<PeriodSource>],
    window: usize,
    classes: usize,
    fields: usize,
    /// The last period of the whole history.
    last: Period,
}

impl<'a> PeriodReencoder<'a> {
    pub(super) fn new(
        transactions: &'a Transactions,
        totals: &'a Totals,
        numbers: &'a [Number<PeriodSource>],
        window: usize,
        fields: usize,
    ) -> Self {
        let places = PlacesInCalendar::new(totals.calendar());
        let steps = i32::try_from(totals.periods().len()).unwrap_or(i32::MAX);
        Self {
            placed: transactions
                .events
                .iter()
                .map(|event| places.of(event))
                .collect(),
            as_of: transactions.as_of,
            calendar: totals.calendar(),
            numbers,
            window,
            classes: totals.spending().ncols(),
            fields,
            last: totals.first_period().offset(steps.saturating_sub(1)),
        }
    }

    /// Without any transaction it is one step: the last period of the history, with none.
    pub(super) fn inputs(&self, factors: &[f64]) -> Result<Inputs, HistoryError> {
        let mut ledger = Ledger::new(self.calendar.clone(), self.classes, self.as_of);
        for placed in self.left(factors) {
            ledger.add(ParsedTransaction {
                amount: placed.amount,
                ..placed.event.transaction
            });
        }
        let totals = ledger.close(self.window).totals;
        let totals = totals.unwrap_or_else(|| self.nothing());
        let records = PeriodRecords::new(self.left(factors), &totals, self.fields);
        Ok(Inputs::of_numbers(of_periods(
            self.numbers,
            &totals,
            &records,
        )?))
    }

    /// The transactions that are left, with their amounts.
    fn left<'s>(&'s self, factors: &'s [f64]) -> impl Iterator<Item = Placed<'a>> + 's {
        let placed = self.placed.iter().zip(factors);
        let left = placed.filter(|&(_, &factor)| factor > 0.0);
        left.map(|(&placed, &factor)| {
            #[expect(clippy::float_cmp, reason = "a factor of 1 is written as 1")]
            let is_as_it_was = factor == 1.0;
            if is_as_it_was {
                return placed;
            }
            Placed {
                amount: placed.amount.scaled(factor),
                ..placed
            }
        })
    }

    fn nothing(&self) -> Totals {
        let spending = Array2::zeros((1, self.classes));
        let sums = vec![PeriodSum::default()];
        Totals::new(self.calendar.clone(), self.last, spending, sums)
    }
}
