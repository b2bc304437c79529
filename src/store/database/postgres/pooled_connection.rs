//! Pooled connections that are closed after anything unfinished.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};

use super::time_limit::timed_out;
use crate::error::{StoreError, while_doing};

/// A connection of a pool. Dropped, it returns to the pool when it is idle, and is closed otherwise: after an
/// unfinished statement its state is unknown, and after a failover the next connection leads to another server.
pub(super) struct PooledConnection {
    connection: PoolConnection<sqlx::Postgres>,
    is_idle: bool,
}

impl PooledConnection {
    /// Takes a connection, or waits until one is free or can be made.
    pub(super) async fn acquire(pool: &PgPool, doing: &'static str) -> Result<Self, StoreError> {
        match pool.acquire().await {
            Ok(connection) => Ok(Self {
                connection,
                is_idle: false,
            }),
            // The pool is not full: the database is unreachable.
            Err(sqlx::Error::PoolTimedOut)
                if pool.size() < pool.options().get_max_connections() =>
            {
                Err(while_doing(doing)(timed_out()))
            }
            Err(error) => Err(while_doing(doing)(error)),
        }
    }

    /// Notes whether everything that was begun on the connection has ended without an error.
    pub(super) fn set_idle(&mut self, is_idle: bool) {
        self.is_idle = is_idle;
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if !self.is_idle {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for PooledConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
