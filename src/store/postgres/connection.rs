//! Connections that are held for a while, and the patience with what comes over them.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use tokio::time::timeout;

use crate::error::{StoreError, while_doing};

/// How long to wait for an answer. A database that is there ends a statement before.
pub(super) const PATIENCE: Duration = Duration::from_secs(12);

/// A connection of a pool. It goes back when it is given back, and is closed otherwise: who left it in the middle of
/// something cannot tell what is on it, and after a failover the next one leads to another server.
pub(super) struct Held {
    connection: PoolConnection<sqlx::Postgres>,
    is_given_back: bool,
}

impl Held {
    pub(super) fn give_back(mut self) {
        self.is_given_back = true;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.is_given_back {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// Takes a connection, or waits until one is free or can be made.
pub(super) async fn acquire(pool: &PgPool, doing: &'static str) -> Result<Held, StoreError> {
    match pool.acquire().await {
        Ok(connection) => Ok(Held {
            connection,
            is_given_back: false,
        }),
        Err(sqlx::Error::PoolTimedOut) if pool.size() < pool.options().get_max_connections() => {
            // There is room for one: it is the database that is not there.
            Err(while_doing(doing)(timed_out()))
        }
        Err(error) => Err(while_doing(doing)(error)),
    }
}

/// Waits for an answer, but not for ever: a database that is gone need not say so.
pub(super) async fn within<T>(
    doing: &'static str,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    within_time(PATIENCE, doing, answer).await
}

/// The same, with another patience.
pub(super) async fn within_time<T>(
    time: Duration,
    doing: &'static str,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    let answered = timeout(time, answer).await;
    answered
        .unwrap_or_else(|_| Err(timed_out()))
        // Never `Busy`, which would be taken for a refusal: after a failed statement PostgreSQL undoes what others wrote
        // in the transaction, and says nothing of it at the commit.
        .map_err(|error| StoreError::Database {
            doing,
            source: Arc::new(error),
        })
}

/// What is said of a database that does not answer.
pub(super) fn timed_out() -> sqlx::Error {
    let error = io::Error::new(io::ErrorKind::TimedOut, "the database does not answer");
    sqlx::Error::Io(error)
}
