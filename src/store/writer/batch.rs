//! One batch of queued operations in one transaction.

use super::task::Task;
use crate::database::interface::{Residue, Transaction};
use crate::error::StoreError;

/// The cause of a failed transaction.
pub(super) enum Failure {
    /// One of its operations.
    Operation(StoreError),
    /// Its beginning or its end, which fail for all operations.
    Transaction(StoreError),
}

/// Runs all tasks in a transaction and commits it, or undoes it.
pub(super) async fn transact(
    mut transaction: Box<dyn Transaction>,
    batch: &mut [Box<dyn Task>],
) -> Result<Residue, Failure> {
    let queries = batch
        .iter()
        .filter_map(|task| task.existing_query())
        .collect();
    if let Err(error) = transaction.prefetch(queries).await {
        transaction.rollback().await;
        return Err(Failure::Transaction(error));
    }
    for task in batch {
        if let Err(error) = task.run(&mut *transaction).await {
            transaction.rollback().await;
            return Err(Failure::Operation(error));
        }
    }
    if let Err(error) = transaction.flush().await {
        transaction.rollback().await;
        return Err(Failure::Operation(error));
    }
    transaction.commit().await.map_err(Failure::Transaction)
}

/// Answers the callers of tasks whose transaction has ended with a result.
pub(super) fn answer(
    tasks: impl IntoIterator<Item = Box<dyn Task>>,
    ended: &Result<(), StoreError>,
) {
    for task in tasks {
        task.answer(ended);
    }
}

/// Answers the callers of tasks that failed.
pub(super) fn fail(tasks: impl IntoIterator<Item = Box<dyn Task>>, error: StoreError) {
    let tasks: Vec<_> = tasks.into_iter().collect();
    tracing::error!(%error, operations = tasks.len(), "nothing could be written");
    answer(tasks, &Err(error));
}
