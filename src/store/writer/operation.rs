//! Operations that write.

use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::lock_name::LockName;

/// An operation inside a transaction.
pub(crate) trait Operation: Send + 'static {
    type Outcome: Send + 'static;

    /// The query that the operation begins with, so that a database can answer those of a whole batch at once.
    fn existing_query(&self) -> Option<ExistingQuery> {
        None
    }

    /// What the operation must have to itself, when it leaves the chain, the jobs and the erasures alone: it may then be
    /// written beside others. Empty for all that needs the whole store.
    fn locks(&self) -> Vec<LockName> {
        Vec::new()
    }

    /// Runs the operation. A refusal comes before anything is written; any other error undoes the transaction, and the
    /// operation may be run once more in another one.
    fn run(
        &mut self,
        transaction: &mut dyn Transaction,
    ) -> impl Future<Output = Result<Self::Outcome, StoreError>> + Send;
}
