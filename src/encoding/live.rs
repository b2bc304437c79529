//! Live history: transactions that arrive one by one in the order of time, and each period as soon as it closes.

use ndarray::Axis;

use super::book::Book;
use super::calendar::Calendar;
use super::encoder::Encoder;
use super::history::History;
use super::ledger::Ledger;
use super::period::Period;
use super::profile::Profile;
use super::totals::PeriodSum;
use microseg_history::{
    Encountered, HistoryError, HistorySettings, Identifier, ReadContext, TooManyTransactions,
    TransactionSink, read_transaction, read_transaction_id,
};

/// The transactions that have arrived so far. At its end it is the history that the same transactions give in one
/// document, late ones left out.
#[derive(Debug)]
pub struct LiveHistory {
    encoder: Encoder,
    settings: HistorySettings,
    calendar: Calendar,
    encountered: Encountered,
    ledger: Ledger,
    /// The period that transactions are being added to.
    open: Option<Period>,
    transactions: usize,
    late: u64,
}

/// A period that no transaction can be added to any more.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedPeriod {
    /// The period itself.
    pub period: Period,
    /// All classes together.
    pub sum: PeriodSum,
    /// The network's input for this step, `[1, K]`.
    pub profile: Profile,
}

/// The effect of a transaction on the periods.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrived {
    /// It was added; before it these periods closed, oldest first.
    Added(Vec<ClosedPeriod>),
    /// Its period had closed already: it was counted and left out.
    Late {
        /// The transaction's identifier, if it has one.
        id: Option<Identifier>,
        /// The period that it would belong to.
        period: Period,
    },
}

/// A model whose histories cannot be read as they arrive: it reads more than shares of periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the model reads other inputs than shares of periods: its histories are read as a whole")]
pub struct NotLive;

impl From<NotLive> for HistoryError {
    fn from(error: NotLive) -> Self {
        Self::Invalid {
            pointer: String::new(),
            detail: error.to_string(),
        }
    }
}

impl LiveHistory {
    /// As [`LiveHistory::new`], for a model that may be of any kind.
    ///
    /// # Errors
    /// [`NotLive`] when the model reads other inputs than shares of periods.
    pub fn begin(encoder: &Encoder, settings: HistorySettings) -> Result<Self, NotLive> {
        if encoder.declaration().is_shares_alone() {
            Ok(Self::new(encoder, settings))
        } else {
            Err(NotLive)
        }
    }

    /// A history without any transaction yet; those at `as_of` and later are out of its window. It refuses all
    /// transactions where [`LiveHistory::begin`] gives an error.
    #[must_use]
    pub fn new(encoder: &Encoder, settings: HistorySettings) -> Self {
        Self {
            encoder: encoder.clone(),
            calendar: encoder.calendar(&settings.times),
            encountered: Encountered::of_history(settings.currency),
            ledger: encoder.ledger(&settings.times),
            settings,
            open: None,
            transactions: 0,
            late: 0,
        }
    }

    /// Adds a transaction, given as JSON.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer into the transaction; nothing was added then.
    pub fn add(&mut self, text: &[u8]) -> Result<Arrived, HistoryError> {
        if !self.encoder.declaration().is_shares_alone() {
            return Err(NotLive.into());
        }
        let limit = self.encoder.limits().transactions;
        if self.transactions >= limit {
            return Err(TooManyTransactions(limit).into());
        }
        let context = ReadContext {
            taxonomy: self.encoder.taxonomy(),
            zone: &self.settings.times.zone,
            unknown_class: self.settings.unknown_class,
            mixed_currencies: self.settings.mixed_currencies,
        };
        let transaction = read_transaction(text, context, &mut self.encountered)?;
        self.transactions += 1;
        let as_of = self.settings.times.as_of;
        if as_of.is_some_and(|as_of| transaction.moment >= as_of) {
            self.ledger.add(transaction);
            return Ok(Arrived::Added(Vec::new()));
        }
        let period = self.calendar.period_of(transaction.moment);
        if self
            .open
            .is_some_and(|open| period.number() < open.number())
        {
            self.late += 1;
            let id = read_transaction_id(text);
            return Ok(Arrived::Late { id, period });
        }
        let closed = self.close_before(period);
        self.open = Some(period);
        self.ledger.add(transaction);
        Ok(Arrived::Added(closed))
    }

    /// Closes the periods that are still open, when nothing more will arrive; oldest first.
    pub fn close(&mut self) -> Vec<ClosedPeriod> {
        let last = match self.settings.times.as_of {
            Some(as_of) => Some(self.calendar.last_before(as_of)),
            None => self.open,
        };
        let Some(next) = last.map(|last| last.offset(1)) else {
            return Vec::new();
        };
        let closed = self.close_before(next);
        self.open = self.open.map(|_| next);
        closed
    }

    /// The whole history, for a customer of this name.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window.
    pub fn into_history(self, customer_id: Option<Identifier>) -> Result<History, HistoryError> {
        let currencies = self.encountered.currencies;
        let times = &self.settings.times;
        let framing = self.encoder.framing(times, customer_id, currencies);
        let mut history = framing.close(Book::Ledger(self.ledger))?;
        history.quality.transactions += self.late;
        history.quality.late = self.late;
        Ok(history)
    }

    /// Closes every period from the open one up to, and without, `next`.
    fn close_before(&mut self, next: Period) -> Vec<ClosedPeriod> {
        let Some(open) = self.open else {
            return Vec::new();
        };
        (0..next.number() - open.number())
            .map(|steps| {
                let period = open.offset(steps);
                let (spending, sum) = self.ledger.period(period);
                ClosedPeriod {
                    period,
                    sum,
                    profile: Profile::of_spending(spending.view().insert_axis(Axis(0))),
                }
            })
            .collect()
    }
}
