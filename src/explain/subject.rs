//! Subject of an explanation: what of a history can be changed, and what the network reads then.

use microseg_encoding::{Reencoder, Totals, Transaction};
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
