//! Connections to PostgreSQL, and the error when there is none.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnection, PgPoolOptions};
use tokio::time::timeout;

use super::address::Address;
use super::time_limit::timed_out;
use crate::error::StoreError;

/// How long to wait for a connection: a request fails sooner without one than with a slow statement.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLSTATE of a database that does not exist.
const NO_DATABASE: &str = "3D000";

/// Options of a pool.
pub(super) fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
}

/// Opens one connection, with an error that names the cause: a pool tries again until its timeout, and reports only
/// that.
pub(super) async fn connect(address: &Address) -> Result<PgConnection, StoreError> {
    let options = address.options();
    let connected = timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(&options)).await;
    connected
        .unwrap_or_else(|_| Err(timed_out()))
        .map_err(|error| {
            let database = address.to_string();
            let code = error.as_database_error().and_then(DatabaseError::code);
            if code.as_deref() == Some(NO_DATABASE) {
                StoreError::Missing { database }
            } else {
                let source = Arc::new(error);
                StoreError::Open { database, source }
            }
        })
}
