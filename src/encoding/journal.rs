//! Journal of a history: the transactions before the end of the window, with their details.

use std::sync::Arc;

use super::event::Event;
use super::ledger::Ledger;
use microseg_history::{Details, Moment, ParsedTransaction, Taxonomy, TransactionSink};

/// The fewest events that are kept before old ones are dropped.
const FEWEST_KEPT: usize = 1_024;

/// Keeps transactions in any order; [`Journal::into_events`] puts them into theirs.
#[derive(Debug)]
pub(super) struct Journal {
    taxonomy: Arc<Taxonomy>,
    /// The sums of the same transactions, where steps are periods.
    pub(super) ledger: Option<Ledger>,
    as_of: Option<Moment>,
    /// How many of the newest events can be in the window.
    most: Option<usize>,
    events: Vec<Event>,
    /// All transactions.
    pub(super) listed: u32,
}

impl Journal {
    pub(super) fn new(
        taxonomy: Arc<Taxonomy>,
        ledger: Option<Ledger>,
        as_of: Option<Moment>,
        most: Option<usize>,
    ) -> Self {
        Self {
            taxonomy,
            ledger,
            as_of,
            most,
            events: Vec::new(),
            listed: 0,
        }
    }

    /// The newest events, in their order.
    pub(super) fn into_events(mut self) -> Vec<Event> {
        let taxonomy = &self.taxonomy;
        self.events
            .sort_unstable_by(|one, other| one.order(other, taxonomy));
        let most = self.most.unwrap_or(usize::MAX);
        let older = self.events.len().saturating_sub(most);
        self.events.drain(..older);
        self.events
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
        let index = self.listed;
        self.listed += 1;
        if let Some(ledger) = &mut self.ledger {
            ledger.add(transaction);
        }
        if self.as_of.is_some_and(|as_of| transaction.moment >= as_of) {
            return;
        }
        self.events.push(Event {
            transaction,
            details,
            index,
        });
        self.drop_older();
    }
}
