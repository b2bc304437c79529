//! Queued operations with the callers that wait for them.

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::operation::Operation;
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::lock_name::LockName;

/// A queued operation of any type.
#[async_trait]
pub(super) trait Task: Send {
    /// The query that the operation begins with.
    fn existing_query(&self) -> Option<ExistingQuery>;

    /// What the operation must have to itself.
    fn locks(&self) -> Vec<LockName>;

    /// Runs the operation and keeps its outcome; an error is one that ends the transaction.
    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError>;

    /// Answers the caller, after its transaction has ended with a result.
    fn answer(self: Box<Self>, ended: &Result<(), StoreError>);
}

/// A queued operation, with its outcome once it has run.
pub(super) struct Queued<O: Operation> {
    operation: O,
    outcome: Result<O::Outcome, StoreError>,
    reply: oneshot::Sender<Result<O::Outcome, StoreError>>,
    /// Its share of the queue's capacity, released when the operation has been answered.
    _capacity: OwnedSemaphorePermit,
}

impl<O: Operation> Queued<O> {
    pub(super) fn new(
        operation: O,
        reply: oneshot::Sender<Result<O::Outcome, StoreError>>,
        capacity: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            operation,
            outcome: Err(StoreError::Closed),
            reply,
            _capacity: capacity,
        }
    }
}

#[async_trait]
impl<O: Operation> Task for Queued<O> {
    fn existing_query(&self) -> Option<ExistingQuery> {
        self.operation.existing_query()
    }

    fn locks(&self) -> Vec<LockName> {
        self.operation.locks()
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        self.outcome = match self.operation.run(transaction).await {
            Err(error) if !error.is_refusal() => return Err(error),
            outcome => outcome,
        };
        Ok(())
    }

    fn answer(self: Box<Self>, ended: &Result<(), StoreError>) {
        let outcome = match ended {
            Ok(()) => self.outcome,
            Err(error) => Err(error.clone()),
        };
        // An error means that the caller has stopped waiting.
        let _ = self.reply.send(outcome);
    }
}
