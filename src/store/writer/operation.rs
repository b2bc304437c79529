//! Operations that write.

use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::ExistingQuery;

/// An operation inside a transaction.
pub(crate) trait Operation: Send + 'static {
    type Outcome: Send + 'static;

    /// The query that the operation begins with, so that a database can answer those of a whole batch at once.
    fn existing_query(&self) -> Option<ExistingQuery> {
        None
    }

    /// Runs the operation. A refusal comes before anything is written; any other error undoes the transaction, and the
    /// operation may be run once more in another one.
    fn run(
        &mut self,
        transaction: &mut dyn Transaction,
    ) -> impl Future<Output = Result<Self::Outcome, StoreError>> + Send;
}
