//! Pools of connections to SQLite.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tokio::time::{Instant, sleep};

/// How long to wait for another process that writes, or for a connection.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before the next attempt to open a database that another process is creating.
const OPEN_RETRY: Duration = Duration::from_millis(5);
/// SQLite's code for a database that is in use.
const SQLITE_BUSY: &str = "5";

/// Options of a pool whose connections stay open.
pub(super) fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(BUSY_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Opens the connection that writes.
pub(super) async fn connect_writer(
    options: SqliteConnectOptions,
) -> Result<SqlitePool, sqlx::Error> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match pool(1).connect_with(options.clone()).await {
            // SQLite ignores its busy timeout when two processes set the journal mode of a new database at once.
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(SQLITE_BUSY) && Instant::now() < deadline =>
            {
                sleep(OPEN_RETRY).await;
            }
            connected => return connected,
        }
    }
}
