//! Time limits of answers from PostgreSQL.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::error::StoreError;

/// How long to wait for an answer. A database that is reachable ends a statement before.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);

/// Waits for an answer for [`ANSWER_TIMEOUT`]: a database that is gone sends no error.
pub(super) async fn within<T>(
    doing: &'static str,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    within_time(ANSWER_TIMEOUT, doing, answer).await
}

/// Waits for an answer for some time.
pub(super) async fn within_time<T>(
    time: Duration,
    doing: &'static str,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    let answered = timeout(time, answer).await;
    answered
        .unwrap_or_else(|_| Err(timed_out()))
        // Never `Busy`, which would count as a refusal: after a failed statement PostgreSQL undoes the transaction's
        // other operations too, and its commit returns no error.
        .map_err(|error| StoreError::Database {
            doing,
            source: Arc::new(error),
        })
}

/// The error of a database that does not answer.
pub(super) fn timed_out() -> sqlx::Error {
    let error = io::Error::new(io::ErrorKind::TimedOut, "the database does not answer");
    sqlx::Error::Io(error)
}
