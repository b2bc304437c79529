//! Live events: transactions in their order; those of the newest moment stay open, since others may come before them.

use super::closed::{Closed, ClosedEvent};
use crate::calendar::Calendar;
use crate::close::Framing;
use crate::continuation::{Continuation, foreign};
use crate::encoder::{Encoder, Purpose};
use crate::event::Event;
use crate::event_window::in_window;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::period::{Period, PeriodKind};
use microseg_history::{
    Details, HistoryError, Moment, ParsedTransaction, TimeSettings, TransactionSink,
};

/// Events of which those of the newest moment are open.
#[derive(Debug)]
pub(super) struct LiveEvents {
    months: Calendar,
    as_of: Option<Moment>,
    /// The counts of the events; it gets the events themselves at the end.
    journal: Journal,
    /// The sums of the months.
    ledger: Ledger,
    /// Those that have closed, and behind them those of the newest moment.
    events: Vec<Event>,
    closed: usize,
    /// Events before the first one that is here.
    before: u64,
    /// Closed events of an earlier request: they are not reported again.
    reported: usize,
    /// The moment of the last event before the first one that is here, where the network has read it.
    previous: Option<Moment>,
    is_unlimited: bool,
}

impl LiveEvents {
    pub(super) fn new(encoder: &Encoder, times: &TimeSettings, is_unlimited: bool) -> Self {
        let months = Calendar::new(PeriodKind::Month, times.zone.clone());
        Self {
            ledger: Ledger::new(months.clone(), encoder.taxonomy().classes().len(), None),
            months,
            as_of: times.as_of,
            journal: encoder.journal(times, Purpose::Scoring),
            events: Vec::new(),
            closed: 0,
            before: 0,
            reported: 0,
            previous: None,
            is_unlimited,
        }
    }

    /// Takes the events out of what an earlier request has left.
    pub(super) fn restore(&mut self, continued: &mut Continuation) -> Result<(), HistoryError> {
        let events = std::mem::take(&mut continued.events);
        self.journal.restore(events).ok_or_else(foreign)?;
        self.events = self.journal.take_events();
        if let Some(checkpoint) = &continued.checkpoint {
            let previous = checkpoint.previous.restore();
            self.previous = Some(previous.ok_or_else(foreign)?);
            self.before = checkpoint.steps;
        } else {
            self.before = continued.counts.transactions;
        }
        let first = self.events.first().map(Event::moment);
        if let Some(first) = first {
            let saved = continued.ledger.clone();
            self.ledger.restore(saved, first).ok_or_else(foreign)?;
        }
        for event in &self.events {
            self.ledger.add(event.transaction);
        }
        self.reported = self.events.len();
        let newest = continued.newest()?;
        self.closed = self.events.partition_point(|event| event.moment() < newest);
        Ok(())
    }

    /// Adds a transaction, and gives what it closed; the month that it would belong to when its moment has closed already.
    pub(super) fn add(
        &mut self,
        transaction: ParsedTransaction,
        details: Details,
    ) -> Result<Vec<Closed>, Period> {
        let moment = transaction.moment;
        if self.as_of.is_some_and(|as_of| moment >= as_of) {
            let event = self.journal.listed_event(transaction, details);
            self.journal.add_event(event);
            return Ok(Vec::new());
        }
        let newest = self.events.last().map(Event::moment);
        if newest.is_some_and(|newest| moment < newest) {
            return Err(self.months.period_of(moment));
        }
        let mut closed = Vec::new();
        if newest.is_some_and(|newest| moment > newest) {
            closed = self.close_newest();
            self.close_month_before(moment, &mut closed);
        }
        self.journal.count();
        self.ledger.add(transaction);
        let event = self.journal.listed_event(transaction, details);
        self.events.push(event);
        Ok(closed)
    }

    /// Closes the events of the newest moment, and the newest month.
    pub(super) fn close(&mut self) -> Vec<Closed> {
        let mut closed = self.close_newest();
        if let Some(last) = self.events.last() {
            let month = self.months.period_of(last.moment());
            let next = self.months.start(month.offset(1));
            self.close_month_before(next, &mut closed);
        }
        closed
    }

    fn close_newest(&mut self) -> Vec<Closed> {
        let from = self.closed.max(self.reported);
        if let Some(open) = self.events.get_mut(self.closed..) {
            self.journal.sort(open);
        }
        self.closed = self.events.len();
        self.reported = self.reported.max(self.closed);
        let places = (1_u64..).zip(&self.events).enumerate().skip(from);
        let closed = places.map(|(place, (number, event))| {
            Closed::Event(ClosedEvent {
                number: self.before + number,
                moment: event.moment(),
                id: event.details.id.clone(),
                count: place + 1,
            })
        });
        closed.collect()
    }

    /// Reports the month of the last event when a later month begins.
    fn close_month_before(&self, moment: Moment, closed: &mut Vec<Closed>) {
        let Some(last) = self.events.last() else {
            return;
        };
        let period = self.months.period_of(last.moment());
        if self.months.period_of(moment) != period {
            let (_, sum) = self.ledger.period(period);
            closed.push(Closed::Month { period, sum });
        }
    }

    /// The bytes of memory that it takes, without what is behind the identifiers and values of its events.
    pub(super) fn held_bytes(&self) -> usize {
        let events = self.events.capacity() * size_of::<Event>();
        events + self.ledger.held_bytes()
    }

    /// The first `count` events without the first `skipped`, as far as they are inside the window, and the moment of the one
    /// before them.
    pub(super) fn sequence(
        &self,
        count: usize,
        skipped: usize,
        framing: &Framing<'_>,
    ) -> (&[Event], Option<Moment>) {
        let events = self.events.get(..count).unwrap_or_default();
        if !self.is_unlimited {
            // The window of a history that ends here: its last event is the newest one.
            return (
                in_window(events, Event::moment, framing.window_of_events(), None),
                None,
            );
        }
        let previous = match skipped.checked_sub(1).and_then(|last| events.get(last)) {
            Some(event) => Some(event.moment()),
            None => self.previous,
        };
        (events.get(skipped..).unwrap_or_default(), previous)
    }

    pub(super) fn into_journal(mut self) -> Journal {
        self.journal.give_back(self.events);
        self.journal
    }
}
