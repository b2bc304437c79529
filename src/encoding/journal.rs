//! Journal of a history: the transactions before the end of the window, with their details.

use std::sync::Arc;

use super::declaration::InputDeclaration;
use super::event::Event;
use super::ledger::Ledger;
use microseg_history::{
    Details, Moment, ParsedTransaction, SavedTransaction, Taxonomy, TransactionSink,
};

/// The fewest events that are kept before old ones are dropped.
const FEWEST_KEPT: usize = 1_024;

/// Keeps transactions in any order; [`Journal::into_events`] puts them into theirs.
#[derive(Debug)]
pub(super) struct Journal {
    taxonomy: Arc<Taxonomy>,
    declaration: Arc<InputDeclaration>,
    /// The sums of the same transactions, where steps are periods.
    pub(super) ledger: Option<Ledger>,
    as_of: Option<Moment>,
    /// How many of the newest events can be in the window.
    most: Option<usize>,
    events: Vec<Event>,
    /// All transactions of the request.
    pub(super) listed: u32,
    /// Those before `as_of`, with those of earlier requests.
    pub(super) added: u64,
    /// Those of this request alone.
    listed_before_end: u64,
}

/// The place in the list of an event that an earlier request has listed.
const LISTED_EARLIER: u32 = u32::MAX;

impl Journal {
    pub(super) fn new(
        taxonomy: Arc<Taxonomy>,
        declaration: Arc<InputDeclaration>,
        ledger: Option<Ledger>,
        as_of: Option<Moment>,
        most: Option<usize>,
    ) -> Self {
        Self {
            taxonomy,
            declaration,
            ledger,
            as_of,
            most,
            events: Vec::new(),
            listed: 0,
            added: 0,
            listed_before_end: 0,
        }
    }

    /// The newest events, in their order.
    pub(super) fn into_events(mut self) -> Vec<Event> {
        let mut events = self.take_events();
        let most = self.most.unwrap_or(usize::MAX);
        let older = events.len().saturating_sub(most);
        events.drain(..older);
        events
    }

    /// The bytes of memory that it takes, without what is behind the identifiers and values of its events.
    pub(super) fn held_bytes(&self) -> usize {
        self.events.capacity() * size_of::<Event>()
    }

    /// The transactions of the request before `as_of`.
    pub(super) fn listed_before_end(&self) -> u64 {
        self.listed_before_end
    }

    /// The place in the list of the first event of this request before a moment.
    pub(super) fn first_before(&self, moment: Moment) -> Option<u32> {
        let listed = self.events.iter();
        let listed = listed.filter(|event| event.index != LISTED_EARLIER);
        let earlier = listed.filter(|event| event.moment() < moment);
        earlier.map(|event| event.index).min()
    }

    /// Adds events of an earlier request; `None` when they are of other classes or fields. Its sums are restored apart.
    pub(super) fn restore(&mut self, events: Vec<SavedTransaction>) -> Option<()> {
        for event in events {
            let fields = self.declaration.fields();
            let (transaction, details) = event.restore(&self.taxonomy, fields)?;
            self.push(Event {
                transaction,
                details,
                index: LISTED_EARLIER,
            });
        }
        Some(())
    }

    fn push(&mut self, event: Event) {
        self.added += 1;
        self.events.push(event);
        self.drop_older();
    }

    /// The events at a moment and later, in their order, where none before that moment was added after one of them.
    pub(super) fn events_since(&self, moment: Moment) -> Vec<Event> {
        let newest_first = self.events.iter().rev();
        let since = newest_first.take_while(|event| event.moment() >= moment);
        let mut events: Vec<Event> = since.cloned().collect();
        self.sort(&mut events);
        events
    }

    /// Takes the events out, in their order: they are kept elsewhere until [`Journal::give_back`].
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.events);
        self.sort(&mut events);
        events
    }

    /// Counts an event of the request before `as_of` that is kept elsewhere.
    pub(super) fn count(&mut self) {
        self.listed_before_end += 1;
        self.added += 1;
    }

    /// Takes events that are counted already.
    pub(super) fn give_back(&mut self, events: Vec<Event>) {
        self.events = events;
    }

    /// Puts events into their order.
    pub(super) fn sort(&self, events: &mut [Event]) {
        events.sort_unstable_by(|one, other| one.order(other, &self.taxonomy));
    }

    /// The event of a transaction of the request, which is counted as listed.
    pub(super) fn listed_event(
        &mut self,
        transaction: ParsedTransaction,
        details: Details,
    ) -> Event {
        let index = self.listed;
        self.listed += 1;
        Event {
            transaction,
            details,
            index,
        }
    }

    /// Adds an event, unless it is at `as_of` or later.
    pub(super) fn add_event(&mut self, event: Event) {
        if self.as_of.is_some_and(|as_of| event.moment() >= as_of) {
            return;
        }
        self.listed_before_end += 1;
        self.push(event);
    }

    /// Drops the events that newer ones have moved out of the window, now and then.
    fn drop_older(&mut self) {
        let Some(most) = self.most else { return };
        if self.events.len() < most.max(FEWEST_KEPT).saturating_mul(2) {
            return;
        }
        let older = self.events.len() - most;
        let taxonomy = &self.taxonomy;
        self.events
            .select_nth_unstable_by(older, |one, other| one.order(other, taxonomy));
        self.events.drain(..older);
    }
}

impl TransactionSink for Journal {
    fn add(&mut self, transaction: ParsedTransaction) {
        self.add_with_details(transaction, Details::default());
    }

    fn add_with_details(&mut self, transaction: ParsedTransaction, details: Details) {
        if let Some(ledger) = &mut self.ledger {
            ledger.add(transaction);
        }
        let event = self.listed_event(transaction, details);
        self.add_event(event);
    }
}
