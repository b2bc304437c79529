//! Live periods: the sums of the period that transactions are being added to, and of those before.

use super::closed::{Closed, ClosedPeriod};
use crate::book::Book;
use crate::calendar::Calendar;
use crate::close::Framing;
use crate::continuation::{Continuation, foreign};
use crate::encoder::{Encoder, Purpose};
use crate::event::Event;
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::period::Period;
use microseg_history::{
    Details, HistoryError, Moment, ParsedTransaction, TimeSettings, TransactionSink,
};

/// Where a transaction has its time.
const TIMESTAMP: &str = "/timestamp";

/// The most periods that close at once: each has its own inputs in memory, and its run. Days of 54 years; more months than
/// the calendar has.
const LONGEST_GAP: i32 = 20_000;

/// Periods of which the last one is open.
#[derive(Debug)]
pub(super) struct LivePeriods {
    calendar: Calendar,
    as_of: Option<Moment>,
    ledger: Ledger,
    /// All transactions, where the network reads more than totals.
    journal: Option<Journal>,
    /// The period that transactions are being added to.
    open: Option<Period>,
}

impl LivePeriods {
    pub(super) fn new(encoder: &Encoder, times: &TimeSettings) -> Self {
        Self {
            calendar: encoder.calendar(times),
            as_of: times.as_of,
            ledger: encoder.ledger(times),
            journal: encoder.needs_details(Purpose::Scoring).then(|| {
                let mut journal = encoder.journal(times, Purpose::Scoring);
                // It is added to apart, and put back at the end.
                journal.ledger = None;
                journal
            }),
            open: None,
        }
    }

    /// Takes the sums and transactions out of what an earlier request has left.
    pub(super) fn restore(&mut self, continued: &mut Continuation) -> Result<(), HistoryError> {
        let newest = continued.newest()?;
        let saved = std::mem::take(&mut continued.ledger);
        self.ledger.restore(saved, newest).ok_or_else(foreign)?;
        if let Some(journal) = &mut self.journal {
            let events = std::mem::take(&mut continued.events);
            journal.restore(events).ok_or_else(foreign)?;
        }
        self.open = self.ledger.newest_period();
        Ok(())
    }

    /// Adds a transaction, and gives the periods that it closed; the period that it would belong to when that has closed
    /// already.
    pub(super) fn add(
        &mut self,
        transaction: ParsedTransaction,
        details: Details,
        framing: &Framing<'_>,
    ) -> Result<Result<Vec<Closed>, Period>, HistoryError> {
        if self.as_of.is_some_and(|as_of| transaction.moment >= as_of) {
            self.keep(transaction, details);
            return Ok(Ok(Vec::new()));
        }
        let period = self.calendar.period_of(transaction.moment);
        if self
            .open
            .is_some_and(|open| period.number() < open.number())
        {
            return Ok(Err(period));
        }
        let closed = self.close_before(period, TIMESTAMP, framing)?;
        self.open = Some(period);
        self.keep(transaction, details);
        Ok(Ok(closed))
    }

    fn keep(&mut self, transaction: ParsedTransaction, details: Details) {
        self.ledger.add(transaction);
        if let Some(journal) = &mut self.journal {
            let event = journal.listed_event(transaction, details);
            journal.add_event(event);
        }
    }

    /// Closes the periods that are still open.
    pub(super) fn close(&mut self, framing: &Framing<'_>) -> Result<Vec<Closed>, HistoryError> {
        let last = match self.as_of {
            Some(as_of) => Some(self.calendar.last_before(as_of)),
            None => self.open,
        };
        let Some(next) = last.map(|last| last.offset(1)) else {
            return Ok(Vec::new());
        };
        let closed = self.close_before(next, "/as_of", framing)?;
        self.open = self.open.map(|_| next);
        Ok(closed)
    }

    /// Closes every period from the open one up to, and without, `next`, which the member at `pointer` leads to.
    fn close_before(
        &self,
        next: Period,
        pointer: &str,
        framing: &Framing<'_>,
    ) -> Result<Vec<Closed>, HistoryError> {
        let Some(open) = self.open.filter(|open| open.number() < next.number()) else {
            return Ok(Vec::new());
        };
        let gap = next.number() - open.number();
        if gap > LONGEST_GAP {
            return Err(HistoryError::Invalid {
                pointer: pointer.to_owned(),
                detail: format!(
                    "{gap} periods end between this and the transaction before, at most {LONGEST_GAP} can: score the \
                     history in one request"
                ),
            });
        }
        // Those after the open one have no transactions.
        let mut events = self.events_since(open);
        let mut closed = Vec::new();
        for steps in 0..gap {
            let period = open.offset(steps);
            let totals = self.ledger.totals_of(period, 1);
            let inputs = framing.inputs_of_periods(&totals, &events)?;
            events.clear();
            let sum = totals.periods().next().map(|(_, sum)| sum);
            closed.push(Closed::Period(ClosedPeriod {
                period,
                sum: sum.unwrap_or_default(),
                inputs,
            }));
        }
        Ok(closed)
    }

    /// The bytes of memory that it takes, without what is behind the identifiers and values of its events.
    pub(super) fn held_bytes(&self) -> usize {
        self.ledger.held_bytes() + self.journal.as_ref().map_or(0, Journal::held_bytes)
    }

    /// What the network has read of the periods before the open one.
    pub(super) fn inputs_of_earlier(
        &self,
        framing: &Framing<'_>,
    ) -> Result<Option<Inputs>, HistoryError> {
        let (Some(first), Some(open)) = (self.ledger.first_period(), self.open) else {
            return Ok(None);
        };
        let earlier = open.number() - first.number();
        if earlier <= 0 {
            return Ok(None);
        }
        let totals = self.ledger.totals_of(first, earlier);
        let events = self.events_since(first);
        framing.inputs_of_periods(&totals, &events).map(Some)
    }

    /// The transactions from a period on, in their order.
    fn events_since(&self, period: Period) -> Vec<Event> {
        let start = self.calendar.start(period);
        let journal = self.journal.as_ref();
        journal.map_or_else(Vec::new, |journal| journal.events_since(start))
    }

    pub(super) fn into_book(self) -> Book {
        match self.journal {
            None => Book::Ledger(self.ledger),
            Some(mut journal) => {
                journal.ledger = Some(self.ledger);
                Book::Journal(journal)
            }
        }
    }
}
