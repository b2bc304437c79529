//! JSON form of totals, as records store them and read them again years later.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::encoder::Encoder;
use super::totals::{PeriodSum, Totals};
use microseg_history::{Booking, HistoryError, Moment, Taxonomy, TimeZone};

/// Why stored totals cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// They are not in this form.
    #[error("not the form of kept totals")]
    Form(#[from] serde_json::Error),
    /// They begin at no moment, or hold no period.
    #[error("kept totals without a first period")]
    Window,
    /// They are of a time zone that this program does not have.
    #[error("kept totals of an unknown time zone")]
    TimeZone,
    /// The taxonomy has changed: a class is gone.
    #[error("a class that the taxonomy does not have")]
    Class,
    /// Nothing was spent: no history is kept as that.
    #[error("kept totals without any spending")]
    Empty,
    /// An amount that no history can give.
    #[error("an amount is negative or not finite")]
    Amount,
    /// Kept transactions are not those of a history.
    #[error("not the form of kept transactions: {0}")]
    Transactions(#[from] HistoryError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTotals {
    /// The first moment of the window, RFC 3339; with a zone, what its clocks show then, without an offset.
    from: String,
    /// The zone in whose calendar the periods are; UTC where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    periods: Vec<StoredPeriod>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPeriod {
    spending: f64,
    transactions: u64,
    /// Spending by class; classes without any are left out.
    classes: BTreeMap<String, f64>,
}

impl Totals {
    /// The totals as JSON: every amount as the shortest decimal that gives the same bits again.
    ///
    /// # Errors
    /// None that totals can cause; serialising to memory has an error type all the same.
    pub fn to_json(&self, taxonomy: &Taxonomy) -> Result<Vec<u8>, serde_json::Error> {
        let spending = self.spending();
        let rows = self.periods().zip(spending.rows());
        let periods = rows.map(|((_, sum), row)| {
            let classes = taxonomy.classes().iter().zip(row);
            let spent = classes.filter(|&(_, &amount)| amount > 0.0);
            StoredPeriod {
                spending: sum.spending,
                transactions: sum.transactions,
                classes: spent
                    .map(|(class, &amount)| (class.id.clone(), amount))
                    .collect(),
            }
        });
        let zone = self.time_zone();
        // A begin by the calendar stays the same when the database corrects a zone.
        let begin = self.first_period().begin().to_string();
        serde_json::to_vec(&StoredTotals {
            from: match zone.name() {
                None => begin,
                Some(_) => begin.trim_end_matches('Z').to_owned(),
            },
            time_zone: zone.name().map(str::to_owned),
            periods: periods.collect(),
        })
    }
}

impl Encoder {
    /// Reads totals that were stored as JSON by [`Totals::to_json`].
    ///
    /// # Errors
    /// [`RestoreError`] when they were changed, or are of another taxonomy.
    pub fn restore(&self, stored: &[u8]) -> Result<Totals, RestoreError> {
        let document: StoredTotals = serde_json::from_slice(stored)?;
        let zone = document.time_zone.as_deref().map(TimeZone::parse);
        let zone = zone.transpose().map_err(|_| RestoreError::TimeZone)?;
        let zone = zone.unwrap_or_default();
        let from = Moment::parse_in(&document.from, &zone).map_err(|_| RestoreError::Window)?;
        let calendar = Calendar::new(self.period(), zone);
        if document.periods.is_empty() {
            return Err(RestoreError::Window);
        }
        let taxonomy = self.taxonomy();
        let shape = (document.periods.len(), taxonomy.classes().len());
        let mut spending = Array2::zeros(shape);
        let mut sums = Vec::with_capacity(document.periods.len());
        for (period, mut row) in document.periods.into_iter().zip(spending.rows_mut()) {
            for (name, amount) in period.classes {
                let Some(Booking::Spending(class)) = taxonomy.booking_of_class(&name) else {
                    return Err(RestoreError::Class);
                };
                if !(amount.is_finite() && amount >= 0.0) {
                    return Err(RestoreError::Amount);
                }
                row[class.get()] = amount;
            }
            sums.push(PeriodSum {
                spending: period.spending,
                transactions: period.transactions,
            });
        }
        let from = calendar.period_of(from);
        let totals = Totals::new(calendar, from, spending, sums);
        // A history of events need not have any spending.
        let is_of_events = self.declaration().step().period().is_none();
        if totals.is_empty() && !is_of_events {
            return Err(RestoreError::Empty);
        }
        Ok(totals)
    }
}
