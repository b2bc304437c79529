//! Receiver of the transactions of a document.

use super::transaction::ParsedTransaction;

/// Receives the transactions of one document in the order in which they stand there.
pub trait TransactionSink {
    /// Takes one transaction.
    fn add(&mut self, transaction: ParsedTransaction);
}

/// Keeps all transactions.
impl TransactionSink for Vec<ParsedTransaction> {
    fn add(&mut self, transaction: ParsedTransaction) {
        self.push(transaction);
    }
}
