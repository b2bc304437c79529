//! Receiver of the transactions of a document.

use super::details::Details;
use super::transaction::ParsedTransaction;

/// Receives the transactions of one document in the order in which they stand there.
pub trait TransactionSink {
    /// Takes one transaction.
    fn add(&mut self, transaction: ParsedTransaction);

    /// Takes one transaction with its details, where the request asks for them.
    fn add_with_details(&mut self, transaction: ParsedTransaction, _details: Details) {
        self.add(transaction);
    }
}

/// Keeps all transactions.
impl TransactionSink for Vec<ParsedTransaction> {
    fn add(&mut self, transaction: ParsedTransaction) {
        self.push(transaction);
    }
}

/// Keeps all transactions with their details.
impl TransactionSink for Vec<(ParsedTransaction, Details)> {
    fn add(&mut self, transaction: ParsedTransaction) {
        self.add_with_details(transaction, Details::default());
    }

    fn add_with_details(&mut self, transaction: ParsedTransaction, details: Details) {
        self.push((transaction, details));
    }
}
