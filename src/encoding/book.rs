//! Book of a history: sums alone, or its transactions with their details, as the model needs.

use super::journal::Journal;
use super::ledger::Ledger;
use microseg_history::{Details, ParsedTransaction, TransactionSink};

/// What is kept of the transactions of one history.
#[derive(Debug)]
pub(super) enum Book {
    /// Exact sums, for models that read totals alone.
    Ledger(Ledger),
    /// Transactions with their details, for all others.
    Journal(Journal),
}

impl Book {
    /// Adds a transaction; its details are asked for where they are kept.
    pub(super) fn add(&mut self, transaction: ParsedTransaction, details: Option<Details>) {
        match self {
            Self::Ledger(ledger) => ledger.add(transaction),
            Self::Journal(journal) => {
                journal.add_with_details(transaction, details.unwrap_or_default());
            }
        }
    }

    pub(super) fn keeps_details(&self) -> bool {
        matches!(self, Self::Journal(_))
    }
}
