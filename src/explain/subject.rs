//! Subject of an explanation: what of a history can be changed, and what the network reads then.

use super::change::Cut;
use microseg_encoding::{Before, Checkpoint, Reencoder, Totals, Transaction};
use microseg_history::{Booking, Taxonomy};

/// What of a history can be changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The totals: the network reads their shares.
    Totals(&'a Totals),
    /// The transactions: what is left of them is encoded again.
    Transactions(Reencoded<'a>),
}

/// The transactions of a history that is encoded again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reencoded<'a> {
    pub(super) reencoder: &'a Reencoder<'a>,
    pub(super) transactions: &'a [Transaction<'a>],
    pub(super) taxonomy: &'a Taxonomy,
    /// Where they go on from, of a state without a window; `None` where they are all.
    pub(super) before: Option<BeforeAll<'a>>,
    /// Where the history is cut: transactions before stay as they are.
    pub(super) cut: Option<Cut>,
}

impl Reencoded<'_> {
    /// Whether a transaction stays as it is.
    pub(super) fn is_fixed(&self, transaction: &Transaction<'_>) -> bool {
        self.cut.is_some_and(|cut| cut.is_before(transaction))
    }
}

/// What comes before the transactions of a history that goes on from a state: a checkpoint is all that is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct BeforeAll<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    /// Whether it is a part that is taken away; else it stays as it is.
    pub(super) is_part: bool,
}

impl BeforeAll<'_> {
    /// How many transactions it has.
    pub(super) fn transactions(&self) -> usize {
        usize::try_from(self.checkpoint.steps()).unwrap_or(usize::MAX)
    }
}

/// What is left of a history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Left {
    /// A factor for each transaction: 0 says that it never happened.
    pub(super) factors: Vec<f64>,
    /// Whether what comes before a checkpoint is there.
    pub(super) before: Before,
}

/// The column of a transaction's class: spending classes, then income classes, then what is unclassified.
pub(super) fn column(booking: Option<Booking>, taxonomy: &Taxonomy) -> usize {
    let spending = taxonomy.classes().len();
    match booking {
        Some(Booking::Spending(class)) => class.get(),
        Some(Booking::Income(class)) => spending + class.get(),
        None => spending + taxonomy.income_classes().len(),
    }
}
