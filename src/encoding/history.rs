//! History of a customer as the network reads it.

use super::continuation::{Checkpoint, Continuation};
use super::inputs::Inputs;
use super::quality::Quality;
use super::totals::Totals;
use super::transactions::Transactions;
use microseg_history::Identifier;

/// A customer's history as the network reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The caller's identifier of the customer, if one was given.
    pub customer_id: Option<Identifier>,
    /// Spending in the window. Where steps are periods it is never empty; where they are events, these are the calendar
    /// months from the first event of the window to the last one, and there may be no spending in them.
    pub totals: Totals,
    /// What became of every transaction.
    pub quality: Quality,
    /// `None` for shares of the totals, and where all transactions that are kept are encoded and in the window.
    pub(super) inputs: Option<Inputs>,
    /// Steps up to the end of each period of the totals; `None` where the periods are the steps.
    pub(super) steps: Option<Vec<usize>>,
    /// Where the network goes on from; `None` for its start.
    pub(super) checkpoint: Option<Box<Checkpoint>>,
    /// What a later request needs, where it was asked for.
    pub(super) continuation: Option<Box<Continuation>>,
    /// Of a history that was read to be explained, where the network reads more than shares of the totals.
    pub(super) transactions: Option<Transactions>,
}

impl History {
    /// What the network reads; `None` where these are the shares of the totals.
    #[must_use]
    pub fn declared_inputs(&self) -> Option<&Inputs> {
        let encoded = || self.transactions.as_ref()?.encoded.as_ref();
        self.inputs.as_ref().or_else(encoded)
    }

    /// What the network reads. For a model of shares alone these are the shares of the profile, without categories.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let shares = || self.totals.profile().into();
        self.declared_inputs().cloned().unwrap_or_else(shares)
    }

    /// Where the network goes on from: the inputs are the steps since then. `None` where they are all steps of the window.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_deref()
    }

    /// What a later request needs to continue this history, where it was asked for.
    #[must_use]
    pub fn continuation(&self) -> Option<&Continuation> {
        self.continuation.as_deref()
    }

    /// As [`History::continuation`], without a copy.
    pub fn take_continuation(&mut self) -> Option<Continuation> {
        self.continuation.take().map(|continuation| *continuation)
    }

    /// Whether steps are events, and not the periods of the totals.
    #[must_use]
    pub fn has_events(&self) -> bool {
        self.steps.is_some()
    }

    /// For each period of the totals, how many steps the network has read at its end: 1, 2, 3 and so on where periods are
    /// the steps, and the events of the window up to there where events are.
    #[must_use]
    pub fn steps_of_periods(&self) -> Vec<usize> {
        let periods = || (1..=self.totals.periods().len()).collect();
        self.steps.clone().unwrap_or_else(periods)
    }
}
