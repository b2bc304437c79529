//! End of a history: its window is cut out, and what the network reads is made of it.

use super::book::Book;
use super::calendar::Calendar;
use super::declaration::{EventWindow, InputDeclaration, Number, PeriodSource, Plan};
use super::event::Event;
use super::history::History;
use super::inputs::{EventReading, Inputs, PeriodRecords, of_events, of_periods};
use super::journal::Journal;
use super::ledger::{Closed, Ledger};
use super::period::PeriodKind;
use super::warnings::{reason_of_no_spending, warnings};
use microseg_history::{
    Currencies, HistoryError, Identifier, Moment, Taxonomy, TimeSettings, TransactionSink,
};

const NANOSECONDS_PER_DAY: i128 = 86_400_000_000_000;

/// What a history has beside its transactions, and the model that reads it.
pub(super) struct Framing<'a> {
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) declaration: &'a InputDeclaration,
    pub(super) times: &'a TimeSettings,
    pub(super) customer_id: Option<Identifier>,
    pub(super) currencies: Currencies,
}

impl Framing<'_> {
    /// The history in a book.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when there was no spending inside the window (of events: no event), or a value that the
    /// network cannot read.
    pub(super) fn close(self, book: Book) -> Result<History, HistoryError> {
        match (self.declaration.plan(), book) {
            (
                Plan::Periods {
                    numbers, window, ..
                },
                Book::Ledger(ledger),
            ) => self.close_periods(ledger, &[], *window, numbers),
            (
                Plan::Periods {
                    kind,
                    numbers,
                    window,
                },
                Book::Journal(mut journal),
            ) => {
                let ledger = journal.ledger.take();
                let ledger = ledger.unwrap_or_else(|| self.ledger(*kind, self.times.as_of));
                let events = journal.into_events();
                self.close_periods(ledger, &events, *window, numbers)
            }
            (Plan::Events { window, .. }, Book::Journal(journal)) => {
                self.close_events(journal, *window)
            }
            (Plan::Events { .. }, Book::Ledger(_)) => Err(no_events()),
        }
    }

    fn close_periods(
        self,
        ledger: Ledger,
        events: &[Event],
        window: usize,
        numbers: &[Number<PeriodSource>],
    ) -> Result<History, HistoryError> {
        let Closed {
            totals,
            mut quality,
            mut suspicions,
        } = ledger.close(window);
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
            let records = PeriodRecords::new(events, &totals, self.declaration.fields().len());
            Some(Inputs::of_numbers(of_periods(numbers, &totals, &records)?))
        };
        quality.warnings = warnings(&quality, suspicions);
        Ok(History {
            customer_id: self.customer_id,
            totals,
            quality,
            inputs,
            steps: None,
        })
    }

    fn close_events(self, journal: Journal, window: EventWindow) -> Result<History, HistoryError> {
        let TimeSettings { as_of, zone } = self.times;
        let listed = u64::from(journal.listed);
        let events = journal.into_events();
        let events = in_window(&events, window, *as_of);
        let months = Calendar::new(PeriodKind::Month, zone.clone());
        let mut ledger = self.ledger(PeriodKind::Month, None);
        for event in events {
            ledger.add(event.transaction);
        }
        let Closed {
            totals,
            mut quality,
            mut suspicions,
        } = ledger.close(usize::MAX);
        let totals = totals.ok_or_else(no_events)?;
        quality.out_of_window = listed - quality.transactions;
        quality.transactions = listed;
        suspicions.several_currencies = self.currencies.are_several();
        quality.warnings = warnings(&quality, suspicions);
        let steps_until = |end: Moment| events.partition_point(|event| event.moment() < end);
        let ends = totals
            .periods()
            .map(|(month, _)| months.start(month.offset(1)));
        let steps = ends.map(steps_until).collect();
        Ok(History {
            inputs: Some(self.inputs_of_events(events)?),
            customer_id: self.customer_id,
            steps: Some(steps),
            totals,
            quality,
        })
    }

    /// An empty ledger in the history's calendar.
    fn ledger(&self, kind: PeriodKind, as_of: Option<Moment>) -> Ledger {
        let calendar = Calendar::new(kind, self.times.zone.clone());
        Ledger::new(calendar, self.taxonomy.classes().len(), as_of)
    }

    fn inputs_of_events(&self, events: &[Event]) -> Result<Inputs, HistoryError> {
        let declaration = self.declaration;
        let Plan::Events {
            numbers,
            categories,
            ..
        } = declaration.plan()
        else {
            return Err(no_events());
        };
        let reading = EventReading {
            numbers,
            categories,
            fields: declaration.fields(),
            taxonomy: self.taxonomy,
            zone: &self.times.zone,
        };
        of_events(events, &reading)
    }
}

fn no_events() -> HistoryError {
    HistoryError::Invalid {
        pointer: "/transactions".to_owned(),
        detail: "no transaction inside the window: nothing to score".to_owned(),
    }
}

/// The last of the events, which are in their order: so many, and those less than so many days before `as_of`, or before
/// the newest event.
fn in_window(events: &[Event], window: EventWindow, as_of: Option<Moment>) -> &[Event] {
    let most = window.events.unwrap_or(usize::MAX);
    let events = &events[events.len().saturating_sub(most)..];
    let end = as_of.or_else(|| events.last().map(Event::moment));
    let (Some(days), Some(end)) = (window.days, end) else {
        return events;
    };
    let length = i128::from(days) * NANOSECONDS_PER_DAY;
    let older = events.partition_point(|event| end.nanoseconds_since(event.moment()) >= length);
    &events[older..]
}
