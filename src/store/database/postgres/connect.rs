//! Connections to PostgreSQL: their settings, and the error when there is none.

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

/// Settings of every connection. A statement ends before its client stops waiting for it, a server that stops in the
/// middle of a transaction does not block the others for ever, and a commit is on disk when it is acknowledged,
/// whatever the default of the database.
const SETTINGS: &str = "\
SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; \
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Options of a pool whose connections have the settings.
pub(super) fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async {
                let set = sqlx::raw_sql(SETTINGS).execute(connection).await;
                set.map(|_| ())
            })
        })
}

/// Opens one connection, with an error that names the cause: a pool tries again until its timeout, and reports only
/// that.
pub(super) async fn connect(address: &Address) -> Result<PgConnection, StoreError> {
    let connecting = async {
        let mut connection = PgConnection::connect_with(&address.options()).await?;
        sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
        Ok(connection)
    };
    let connected = timeout(ACQUIRE_TIMEOUT, connecting).await;
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
