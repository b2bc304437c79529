//! Encoding of a history again, as if some of its transactions had never happened, or had other amounts.
//!
//! What is left is encoded by the code that encodes a history of nothing else, so both have the same bits; what the removed
//! transactions do not change is copied.

#[cfg(test)]
mod continued_tests;
mod events;
mod periods;
#[cfg(test)]
mod tests;

use microseg_history::{Booking, ClassReference, HistoryError, Identifier, Moment};

use crate::declaration::Plan;
use crate::encoder::Encoder;
use crate::event::Event;
use crate::history::History;
use crate::inputs::{EventReading, Inputs};

pub use events::{Before, EventReencoder};
pub use periods::PeriodReencoder;

/// Encodes one history again; a factor for each transaction says by what its amount is multiplied, and 0 that it never
/// happened.
#[derive(Debug)]
pub enum Reencoder<'a> {
    /// Where steps are events.
    Events(EventReencoder<'a>),
    /// Where steps are periods.
    Periods(PeriodReencoder<'a>),
}

/// One transaction of a history that is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transaction<'a> {
    /// What the taxonomy makes of its class or code; `None` where it is unclassified.
    pub booking: Option<Booking>,
    /// The place of its period among those of the totals; `None` for one before the window.
    pub period: Option<usize>,
    /// The money that went out on a spending class, at least 0, in the caller's currency.
    pub spending: f64,
    /// The caller's identifier, if it has one.
    pub id: Option<&'a str>,
    /// When it was booked.
    pub moment: Moment,
}

impl Encoder {
    /// What encodes a history again; `None` for one that was not read to be explained, or that is read as shares alone.
    #[must_use]
    pub fn reencoder<'a>(&'a self, history: &'a History) -> Option<Reencoder<'a>> {
        let transactions = history.transactions.as_ref()?;
        let declaration = self.declaration();
        let reencoder = match declaration.plan() {
            Plan::Events {
                window,
                numbers,
                categories,
            } => {
                let reading = EventReading {
                    numbers,
                    categories,
                    fields: declaration.fields(),
                    taxonomy: self.taxonomy(),
                    zone: history.totals.time_zone(),
                };
                let padding = declaration.padding_codes();
                let encoded = transactions.encoded.as_ref()?;
                let transactions = (transactions, encoded);
                Reencoder::Events(EventReencoder::new(transactions, reading, *window, padding))
            }
            Plan::Periods { numbers, .. } => Reencoder::Periods(PeriodReencoder::new(
                transactions,
                &history.totals,
                numbers,
                declaration.fields().len(),
            )),
        };
        Some(reencoder)
    }
}

impl<'a> Reencoder<'a> {
    /// The transactions of the history, in the order of the factors.
    #[must_use]
    pub fn transactions(&self, history: &'a History) -> Vec<Transaction<'a>> {
        let transactions = history.transactions.iter();
        let events = transactions.flat_map(|transactions| &transactions.events);
        let totals = &history.totals;
        let (first, periods) = (totals.first_period().number(), totals.periods().len());
        let describe = |event: &'a Event| {
            let period = totals.calendar().period_of(event.moment()).number() - first;
            let booking = match event.transaction.class {
                ClassReference::Known(booking) => Some(booking),
                ClassReference::Unknown | ClassReference::Absent => None,
            };
            Transaction {
                booking,
                period: usize::try_from(period).ok().filter(|&step| step < periods),
                spending: match booking {
                    Some(Booking::Spending(_)) => event.amount().spending(),
                    Some(Booking::Income(_)) | None => 0.0,
                },
                id: event.details.id.as_ref().map(Identifier::as_str),
                moment: event.moment(),
            }
        };
        events.map(describe).collect()
    }

    /// What the network reads of what is left; `factors` has one for each transaction, at least 0.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when a number is too large for the network.
    pub fn inputs(&self, factors: &[f64]) -> Result<Inputs, HistoryError> {
        match self {
            Self::Events(events) => {
                events.inputs(&events.steps(factors), 0, (factors, Before::Kept))
            }
            Self::Periods(periods) => periods.inputs(factors),
        }
    }
}
