//! Records in SQLite: the file, how it is opened, and how erased bytes leave it.

mod address;
mod erasures;
mod jobs;
mod reading;
mod selection;
mod snapshot;
#[cfg(test)]
mod tests;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqliteConnection};
use tokio::time::{Instant, sleep};

use self::address::{Address, Identity};
pub(super) use self::snapshot::SqliteSnapshot;
pub(super) use self::transaction::SqliteTransaction;
use super::error::{StoreError, while_doing};
use super::location::Location;

/// How long to wait for another process that writes, or for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same while the journal is emptied: writers wait meanwhile, and what a reader holds up is left for the next time.
const HURRY: Duration = Duration::from_millis(250);
/// How long to wait before trying again to open a database that another process is making.
const OPEN_AGAIN: Duration = Duration::from_millis(5);
/// SQLite's code for that.
const BUSY: &str = "5";
/// How many can read at once.
const READERS: u32 = 4;
/// The bytes of a page; `guard` in the tables is as long.
const PAGE: u32 = 4096;

/// The migrations of `migrations/sqlite`, in their order. One that was released never changes.
const MIGRATIONS: [(i64, &str, &str); 2] = [
    (
        1,
        "records",
        include_str!("../../../migrations/sqlite/0001_records.sql"),
    ),
    (
        2,
        "leases",
        include_str!("../../../migrations/sqlite/0002_leases.sql"),
    ),
];

/// A database of SQLite; a clone is the same one.
#[derive(Debug, Clone)]
pub(super) struct Sqlite {
    /// One connection: SQLite has one writer at a time anyway.
    writer: SqlitePool,
    readers: SqlitePool,
    address: Address,
    /// The file that was opened; `None` in memory.
    file: Option<Identity>,
}

impl Sqlite {
    pub(super) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::of(location)?;
        let failed = |error| StoreError::Open {
            database: address.to_string(),
            source: Arc::new(error),
        };
        address
            .create()
            .map_err(|error| failed(sqlx::Error::Io(error)))?;
        // Before it is opened: whatever takes its place after this is found out.
        let file = address.identity();
        let options = address
            .options()
            .busy_timeout(PATIENCE)
            .page_size(PAGE)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged record must survive a power cut: the journal is synced at every commit.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            // Rows that are being changed must not be copied to files that nobody overwrites.
            .pragma("temp_store", "MEMORY");
        let writer = connect(options).await.map_err(failed)?;
        migrate(&writer)
            .await
            .map_err(|error| StoreError::Migration {
                database: address.to_string(),
                source: Arc::new(error),
            })?;
        // A database in memory is one connection.
        let readers = match address {
            Address::Memory => writer.clone(),
            Address::File(_) => pool(READERS)
                .connect_with(address.options().busy_timeout(PATIENCE).read_only(true))
                .await
                .map_err(failed)?,
        };
        Ok(Self {
            writer,
            readers,
            address,
            file,
        })
    }

    pub(super) async fn begin(&self) -> Result<SqliteTransaction, StoreError> {
        // What goes into a file without a name is lost with the process, whatever SQLite says of it.
        if self.address.identity() != self.file {
            return Err(StoreError::Replaced {
                database: self.address.to_string(),
            });
        }
        let connection = self.writer.acquire().await;
        let connection = connection.map_err(while_doing("beginning to write"))?;
        SqliteTransaction::begin(connection).await
    }

    pub(super) async fn snapshot(&self) -> Result<SqliteSnapshot, StoreError> {
        SqliteSnapshot::from_pool(&self.readers).await
    }

    async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(while_doing("reading"))
    }

    /// Moves the journal into the database and empties it, so that no older page is left in it.
    pub(super) async fn scrub(&self) -> Result<bool, StoreError> {
        let failed = while_doing("emptying the journal");
        let mut connection = self.writer.acquire().await.map_err(&failed)?;
        let hurry = wait_for(&mut connection, HURRY).await;
        hurry.map_err(&failed)?;
        let emptied = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await;
        let patience = wait_for(&mut connection, PATIENCE).await;
        patience.map_err(&failed)?;
        let (is_busy, _, _): (i64, i64, i64) = emptied.map_err(&failed)?;
        Ok(is_busy == 0)
    }

    pub(super) async fn close(&self) {
        // The last connection removes the journal, which a reader cannot.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Opens the connection that writes.
async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let patience_ends = Instant::now() + PATIENCE;
    loop {
        match pool(1).connect_with(options.clone()).await {
            // SQLite waits for nobody, whatever its patience, when two give a new database its journal at once.
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(BUSY) && Instant::now() < patience_ends =>
            {
                sleep(OPEN_AGAIN).await;
            }
            connected => return connected,
        }
    }
}

/// Lets a connection wait so long for others.
async fn wait_for(connection: &mut SqliteConnection, time: Duration) -> Result<(), sqlx::Error> {
    let sql = format!("PRAGMA busy_timeout = {}", time.as_millis());
    let set = sqlx::query(AssertSqlSafe(sql)).execute(connection).await;
    set.map(|_| ())
}

/// Connections that stay open.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Brings the tables up to date.
async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS.map(|(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    // In one transaction: another process may be opening the same new file.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let connection: &mut SqliteConnection = &mut transaction;
    Migrator::with_migrations(migrations.into())
        .run_direct(None, connection, false)
        .await?;
    Ok(transaction.commit().await?)
}
