//! Live history: transactions that arrive one by one in the order of time, and each step of the network as soon as nothing
//! can be added to it any more.

mod closed;
mod events;
mod periods;

pub use self::closed::{Arrived, Closed, ClosedEvent, ClosedPeriod};
use self::events::LiveEvents;
use self::periods::LivePeriods;
use super::book::Book;
use super::close::{Framing, States};
use super::continuation::Continuation;
use super::declaration::Plan;
use super::encoder::{Encoder, Purpose};
use super::history::History;
use super::inputs::Inputs;
use microseg_history::{
    Details, Encountered, HistoryError, HistorySettings, Identifier, ParsedTransaction,
    ReadContext, TooManyTransactions, read_detailed_transaction, read_transaction,
    read_transaction_id,
};

/// The transactions that have arrived so far. At its end it is the history that the same transactions give in one
/// document, late ones left out.
#[derive(Debug)]
pub struct LiveHistory {
    encoder: Encoder,
    settings: HistorySettings,
    encountered: Encountered,
    steps: Steps,
    /// What an earlier request has left, without its sums and events: these are in the steps.
    continued: Option<Continuation>,
    transactions: usize,
    late: u64,
    /// The bytes of the transactions whose identifiers and values are kept.
    detailed_bytes: usize,
}

#[derive(Debug)]
enum Steps {
    Periods(LivePeriods),
    Events(LiveEvents),
}

impl LiveHistory {
    /// A history without any transaction yet; those at `as_of` and later are out of its window.
    #[must_use]
    pub fn new(encoder: &Encoder, settings: HistorySettings) -> Self {
        let steps = match encoder.declaration().plan() {
            Plan::Periods { .. } => Steps::Periods(LivePeriods::new(encoder, &settings.times)),
            Plan::Events { window, .. } => Steps::Events(LiveEvents::new(
                encoder,
                &settings.times,
                window.is_unlimited(),
            )),
        };
        Self {
            encoder: encoder.clone(),
            encountered: Encountered::of_history(settings.currency),
            settings,
            steps,
            continued: None,
            transactions: 0,
            late: 0,
            detailed_bytes: 0,
        }
    }

    /// A history that goes on where an earlier one ended.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when the state of the earlier one does not fit the settings.
    pub fn continued(
        encoder: &Encoder,
        settings: HistorySettings,
        mut continuation: Continuation,
    ) -> Result<Self, HistoryError> {
        let mut live = Self::new(encoder, settings);
        let mut framing = framing(&live.encoder, &live.settings, live.encountered);
        framing.check(&continuation)?;
        live.encountered.currencies = framing.currencies;
        match &mut live.steps {
            Steps::Periods(periods) => periods.restore(&mut continuation)?,
            Steps::Events(events) => events.restore(&mut continuation)?,
        }
        live.continued = Some(continuation);
        Ok(live)
    }

    /// Adds a transaction, given as JSON.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer into the transaction; nothing was added then.
    pub fn add(&mut self, text: &[u8]) -> Result<Arrived, HistoryError> {
        let limit = self.encoder.limits().transactions;
        if self.transactions >= limit {
            return Err(TooManyTransactions(limit).into());
        }
        let (transaction, details) = self.read(text)?;
        self.transactions += 1;
        let framing = framing(&self.encoder, &self.settings, self.encountered);
        let arrived = match &mut self.steps {
            Steps::Periods(periods) => periods.add(transaction, details, &framing),
            Steps::Events(events) => Ok(events.add(transaction, details)),
        };
        match arrived? {
            Ok(closed) => Ok(Arrived::Added(closed)),
            Err(period) => {
                self.late += 1;
                let id = read_transaction_id(text);
                Ok(Arrived::Late { id, period })
            }
        }
    }

    fn read(&mut self, text: &[u8]) -> Result<(ParsedTransaction, Details), HistoryError> {
        let context = ReadContext {
            taxonomy: self.encoder.taxonomy(),
            zone: &self.settings.times.zone,
            unknown_class: self.settings.unknown_class,
            mixed_currencies: self.settings.mixed_currencies,
        };
        if self.encoder.needs_details(Purpose::Scoring) {
            self.detailed_bytes += text.len();
            let fields = self.encoder.declaration().fields();
            read_detailed_transaction(text, context, fields, &mut self.encountered)
        } else {
            let transaction = read_transaction(text, context, &mut self.encountered)?;
            Ok((transaction, Details::default()))
        }
    }

    /// The bytes of memory that the history takes, at the most: it grows with the transactions that are kept and with the
    /// periods that have sums.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let steps = match &self.steps {
            Steps::Periods(periods) => periods.held_bytes(),
            Steps::Events(events) => events.held_bytes(),
        };
        steps + self.detailed_bytes
    }

    /// Closes the steps that are still open, when nothing more will arrive; oldest first.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when a number is too large for the network.
    pub fn close(&mut self) -> Result<Vec<Closed>, HistoryError> {
        let framing = framing(&self.encoder, &self.settings, self.encountered);
        match &mut self.steps {
            Steps::Periods(periods) => periods.close(&framing),
            Steps::Events(events) => Ok(events.close()),
        }
    }

    /// What the network has read before the first period that can close, where a history is continued; `None` where steps are
    /// events, or nothing was before.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when a number is too large for the network.
    pub fn inputs_of_earlier_periods(&self) -> Result<Option<Inputs>, HistoryError> {
        match &self.steps {
            Steps::Periods(periods) => {
                let framing = framing(&self.encoder, &self.settings, self.encountered);
                periods.inputs_of_earlier(&framing)
            }
            Steps::Events(_) => Ok(None),
        }
    }

    /// What the network reads of the first `count` events that are here, without the first `skipped` of them; of those only
    /// the ones inside the window that ends with the last of them. Empty where steps are periods.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when an event has a value that the network cannot read.
    pub fn inputs_of_events(&self, count: usize, skipped: usize) -> Result<Inputs, HistoryError> {
        let framing = framing(&self.encoder, &self.settings, self.encountered);
        let (events, previous) = match &self.steps {
            Steps::Events(events) => events.sequence(count, skipped, &framing),
            Steps::Periods(_) => (&[][..], None),
        };
        framing.inputs_of_events(events, previous)
    }

    /// The state that the history goes on from, if it is continued.
    #[must_use]
    pub fn continuation(&self) -> Option<&Continuation> {
        self.continued.as_ref()
    }

    /// The whole history, for a customer of this name; with its own state if it is to be kept.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window.
    pub fn into_history(
        self,
        customer_id: Option<Identifier>,
        keep: bool,
    ) -> Result<History, HistoryError> {
        let framing = Framing {
            customer_id,
            ..framing(&self.encoder, &self.settings, self.encountered)
        };
        let book = match self.steps {
            Steps::Periods(periods) => periods.into_book(),
            Steps::Events(events) => Book::Journal(events.into_journal()),
        };
        let states = States {
            continued: self.continued,
            keep,
        };
        let mut history = framing.close(book, states)?;
        history.quality.transactions += self.late;
        history.quality.late += self.late;
        Ok(history)
    }
}

/// What closes the steps of a history with these settings.
fn framing<'a>(
    encoder: &'a Encoder,
    settings: &'a HistorySettings,
    encountered: Encountered,
) -> Framing<'a> {
    let currencies = (encountered.currencies, settings.mixed_currencies);
    encoder.framing(&settings.times, None, currencies)
}
