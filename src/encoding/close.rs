//! End of a history: its window is cut out, and what the network reads is made of it.

use super::book::Book;
use super::calendar::Calendar;
use super::continuation::{
    Checkpoint, Continuation, ContinuationFault, Earlier, foreign, other_currency,
};
use super::counts::Counts;
use super::declaration::{EventWindow, InputDeclaration, Plan};
use super::event::Event;
use super::event_window::in_window;
use super::history::History;
use super::inputs::{
    EventReading, EventStep, Inputs, PeriodRecords, PlacesInCalendar, of_events, of_periods,
};
use super::journal::Journal;
use super::ledger::{Closed, Ledger};
use super::period::PeriodKind;
use super::totals::Totals;
use super::transactions::Transactions;
use super::warnings::{reason_of_no_spending, warnings};
use microseg_history::{
    Currencies, HistoryError, Identifier, MixedCurrencies, Moment, Taxonomy, TimeSettings,
    TransactionSink,
};

/// What a history has beside its transactions, and the model that reads it.
pub(super) struct Framing<'a> {
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) declaration: &'a InputDeclaration,
    pub(super) times: &'a TimeSettings,
    pub(super) customer_id: Option<Identifier>,
    pub(super) currencies: Currencies,
    pub(super) mixed_currencies: MixedCurrencies,
    /// Whether the history keeps its transactions, to be explained.
    pub(super) keeps_transactions: bool,
}

/// The states of a history: the one that it continues, and whether its own is to be kept.
#[derive(Debug, Default)]
pub(super) struct States {
    pub(super) continued: Option<Continuation>,
    pub(super) keep: bool,
}

impl Framing<'_> {
    /// The history in a book, as `states` says with what was kept before and with what is to be kept.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window (of events: no event), a value that the
    /// network cannot read, or a state that does not fit.
    pub(super) fn close(mut self, book: Book, states: States) -> Result<History, HistoryError> {
        if let Some(continued) = &states.continued {
            self.check(continued)?;
        }
        match (self.declaration.plan(), book) {
            (Plan::Periods { window, .. }, Book::Ledger(ledger)) => {
                self.close_periods(ledger, None, *window, states)
            }
            (Plan::Periods { kind, window, .. }, Book::Journal(mut journal)) => {
                let ledger = journal.ledger.take();
                let ledger = ledger.unwrap_or_else(|| self.ledger(*kind, self.times.as_of));
                self.close_periods(ledger, Some(journal), *window, states)
            }
            (Plan::Events { window, .. }, Book::Journal(journal)) => {
                self.close_events(journal, *window, states)
            }
            (Plan::Events { .. }, Book::Ledger(_)) => Err(no_events()),
        }
    }

    /// Whether a state fits the settings; its currencies become those of the history.
    pub(super) fn check(&mut self, continued: &Continuation) -> Result<(), HistoryError> {
        if self.times.zone.name() != continued.time_zone.as_deref() {
            return Err(ContinuationFault::TimeZone.at("/time_zone"));
        }
        let newest = continued.newest()?;
        if self.times.as_of.is_some_and(|as_of| as_of <= newest) {
            return Err(ContinuationFault::AsOf.at("/as_of"));
        }
        let currencies = continued.currencies;
        let added = self.currencies.add_all(currencies, self.mixed_currencies);
        added.map_err(other_currency)
    }

    fn close_periods(
        self,
        mut ledger: Ledger,
        mut journal: Option<Journal>,
        window: usize,
        states: States,
    ) -> Result<History, HistoryError> {
        let mut earlier = Counts::default();
        if let Some(continued) = states.continued {
            let newest = continued.newest()?;
            earlier = continued.counts;
            let restored = ledger.restore(continued.ledger, newest);
            let restored = match &mut journal {
                Some(journal) => restored.and_then(|()| journal.restore(continued.events)),
                None => restored,
            };
            restored.ok_or_else(foreign)?;
        }
        let events = journal.map(Journal::into_events).unwrap_or_default();
        let kept = states
            .keep
            .then(|| self.kept_periods(&ledger, &events, window, earlier));
        let Closed {
            totals,
            mut quality,
            mut suspicions,
        } = ledger.close(window);
        earlier.add_to(&mut quality, &mut suspicions);
        suspicions.several_currencies = self.currencies.are_several();
        let totals = totals.filter(|totals| !totals.is_empty());
        let totals = totals.ok_or_else(|| HistoryError::Invalid {
            pointer: "/transactions".to_owned(),
            detail: format!(
                "no spending inside the window: nothing to score{}",
                reason_of_no_spending(&quality, suspicions)
            ),
        })?;
        let inputs = if self.declaration.is_shares_alone() {
            None
        } else {
            Some(self.inputs_of_periods(&totals, &events)?)
        };
        quality.warnings = warnings(&quality, suspicions);
        Ok(History {
            transactions: self.kept(events, None, None),
            customer_id: self.customer_id,
            totals,
            quality,
            inputs,
            steps: None,
            checkpoint: None,
            continuation: kept.flatten().map(Box::new),
        })
    }

    fn close_events(
        self,
        mut journal: Journal,
        window: EventWindow,
        states: States,
    ) -> Result<History, HistoryError> {
        let TimeSettings { as_of, zone } = self.times;
        let mut earlier = Earlier::default();
        if let Some(continued) = states.continued {
            if continued.checkpoint.is_some()
                && let Some(place) = journal.first_before(continued.newest()?)
            {
                let pointer = format!("/transactions/{place}/timestamp");
                return Err(ContinuationFault::Earlier.at(pointer));
            }
            journal.restore(continued.events).ok_or_else(foreign)?;
            earlier = Earlier {
                counts: continued.counts,
                ledger: continued.ledger,
                checkpoint: continued.checkpoint,
            };
        }
        let after_as_of = u64::from(journal.listed) - journal.listed_before_end();
        let added = journal.added;
        let all = journal.into_events();
        let previous = earlier.previous()?;
        // Without newer ones the window would reach older ones: the network must be able to read all of them.
        let encode = || self.inputs_of_events(&all, previous);
        let encoded = self.keeps_transactions.then(encode).transpose()?;
        let events = in_window(&all, Event::moment, window, *as_of);
        let dropped = added - events.len() as u64;
        let newest = events.last().map(Event::moment).ok_or_else(no_events)?;
        let months = Calendar::new(PeriodKind::Month, zone.clone());
        let mut ledger = self.ledger(PeriodKind::Month, None);
        let first = events.first().map_or(newest, Event::moment);
        ledger
            .restore(earlier.ledger.clone(), first)
            .ok_or_else(foreign)?;
        for event in events {
            ledger.add(event.transaction);
        }
        let kept = states
            .keep
            .then(|| self.kept_events(events, newest, window, dropped, &earlier));
        let Closed {
            totals,
            mut quality,
            mut suspicions,
        } = ledger.close(usize::MAX);
        let totals = totals.ok_or_else(no_events)?;
        quality.out_of_window += dropped + after_as_of;
        quality.transactions += dropped + after_as_of;
        earlier.counts.add_to(&mut quality, &mut suspicions);
        suspicions.several_currencies = self.currencies.are_several();
        quality.warnings = warnings(&quality, suspicions);
        let steps_until = |end: Moment| events.partition_point(|event| event.moment() < end);
        let ends = totals
            .periods()
            .map(|(month, _)| months.start(month.offset(1)));
        let steps = ends.map(steps_until).collect();
        let inputs = match &encoded {
            // The window begins with the first one.
            Some(_) if events.len() == all.len() => None,
            Some(encoded) => Some(self.inputs_of_window(encoded, events)?),
            None => Some(self.inputs_of_events(events, previous)?),
        };
        Ok(History {
            inputs,
            steps: Some(steps),
            transactions: self.kept(all, earlier.checkpoint.as_ref(), encoded),
            customer_id: self.customer_id,
            totals,
            quality,
            checkpoint: earlier.checkpoint.map(Box::new),
            continuation: kept.flatten().map(Box::new),
        })
    }

    /// The transactions, in their order, where the history keeps them.
    fn kept(
        &self,
        events: Vec<Event>,
        before: Option<&Checkpoint>,
        encoded: Option<Inputs>,
    ) -> Option<Transactions> {
        let as_of = self.times.as_of;
        let keep = || Transactions {
            events,
            as_of,
            before: before.cloned(),
            encoded,
        };
        self.keeps_transactions.then(keep)
    }

    /// An empty ledger in the history's calendar.
    pub(super) fn ledger(&self, kind: PeriodKind, as_of: Option<Moment>) -> Ledger {
        let calendar = Calendar::new(kind, self.times.zone.clone());
        Ledger::new(calendar, self.taxonomy.classes().len(), as_of)
    }

    /// What the network reads of periods, and of the events in them.
    pub(super) fn inputs_of_periods(
        &self,
        totals: &Totals,
        events: &[Event],
    ) -> Result<Inputs, HistoryError> {
        match self.declaration.plan() {
            Plan::Periods { numbers, .. } if !self.declaration.is_shares_alone() => {
                let calendar = PlacesInCalendar::new(totals.calendar());
                let placed = events.iter().map(|event| calendar.of(event));
                let records = PeriodRecords::new(placed, totals, self.declaration.fields().len());
                of_periods(numbers, totals, &records).map(Inputs::of_numbers)
            }
            _ => Ok(totals.profile().into()),
        }
    }

    /// The window of events; without a limit where steps are periods.
    pub(super) fn window_of_events(&self) -> EventWindow {
        match self.declaration.plan() {
            Plan::Events { window, .. } => *window,
            Plan::Periods { .. } => EventWindow {
                events: None,
                days: None,
            },
        }
    }

    pub(super) fn inputs_of_events(
        &self,
        events: &[Event],
        previous: Option<Moment>,
    ) -> Result<Inputs, HistoryError> {
        of_events(events, &self.reading()?, previous)
    }

    /// What the network reads of the last events, which are those of the window: nothing comes before the first of them.
    fn inputs_of_window(&self, encoded: &Inputs, events: &[Event]) -> Result<Inputs, HistoryError> {
        let mut inputs = encoded.last(events.len());
        if let (Some(event), Some(row)) =
            (events.first(), inputs.numbers.rows_mut().into_iter().next())
        {
            let step = EventStep {
                event,
                amount: event.amount().to_f64(),
                previous: None,
            };
            self.reading()?.rewrite(step, row)?;
        }
        Ok(inputs)
    }

    fn reading(&self) -> Result<EventReading<'_>, HistoryError> {
        let declaration = self.declaration;
        let Plan::Events {
            numbers,
            categories,
            ..
        } = declaration.plan()
        else {
            return Err(no_events());
        };
        Ok(EventReading {
            numbers,
            categories,
            fields: declaration.fields(),
            taxonomy: self.taxonomy,
            zone: &self.times.zone,
        })
    }
}

fn no_events() -> HistoryError {
    HistoryError::Invalid {
        pointer: "/transactions".to_owned(),
        detail: "no transaction inside the window: nothing to score".to_owned(),
    }
}
