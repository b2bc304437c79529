//! Encoding of periods again: the sums and counts of what is left, in the same periods.

use ndarray::Array2;

use crate::declaration::{Number, PeriodSource};
use crate::inputs::{Inputs, PeriodRecords, Placed, PlacesInCalendar, of_periods};
use crate::ledger::Ledger;
use crate::totals::Totals;
use crate::transactions::Transactions;
use microseg_history::{HistoryError, ParsedTransaction, TransactionSink};

/// Encodes a history of periods again. Its periods stay, also those that nothing is left in.
#[derive(Debug)]
pub struct PeriodReencoder<'a> {
    /// The transactions of the window.
    placed: Vec<Option<Placed<'a>>>,
    totals: &'a Totals,
    numbers: &'a [Number<PeriodSource>],
    fields: usize,
}

impl<'a> PeriodReencoder<'a> {
    pub(super) fn new(
        transactions: &'a Transactions,
        totals: &'a Totals,
        numbers: &'a [Number<PeriodSource>],
        fields: usize,
    ) -> Self {
        let places = PlacesInCalendar::new(totals.calendar());
        let first = totals.first_period().number();
        let in_window = |placed: &Placed<'_>| placed.period >= first;
        let events = transactions.events.iter();
        Self {
            placed: events
                .map(|event| Some(places.of(event)).filter(in_window))
                .collect(),
            totals,
            numbers,
            fields,
        }
    }

    pub(super) fn inputs(&self, factors: &[f64]) -> Result<Inputs, HistoryError> {
        let (calendar, classes) = (self.totals.calendar(), self.totals.spending().ncols());
        let mut ledger = Ledger::new(calendar.clone(), classes, None);
        for placed in self.left(factors) {
            ledger.add(ParsedTransaction {
                amount: placed.amount,
                ..placed.event.transaction
            });
        }
        let mut spending = Array2::zeros(self.totals.spending().raw_dim());
        let mut sums = Vec::with_capacity(spending.nrows());
        for ((period, _), mut row) in self.totals.periods().zip(spending.rows_mut()) {
            let (of_period, sum) = ledger.period(period);
            row.assign(&of_period);
            sums.push(sum);
        }
        let first = self.totals.first_period();
        let totals = Totals::new(calendar.clone(), first, spending, sums);
        let records = PeriodRecords::new(self.left(factors), &totals, self.fields);
        let numbers = of_periods(self.numbers, &totals, &records)?;
        Ok(Inputs::of_numbers(numbers))
    }

    /// The transactions that are left, with their amounts.
    fn left<'s>(&'s self, factors: &'s [f64]) -> impl Iterator<Item = Placed<'a>> + 's {
        let placed = self.placed.iter().zip(factors);
        let left = placed.filter(|&(_, &factor)| factor > 0.0);
        left.filter_map(|(placed, &factor)| Some(((*placed)?, factor)))
            .map(|(placed, factor)| {
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
}
