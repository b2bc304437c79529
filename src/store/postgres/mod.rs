//! Records in PostgreSQL: how its connections are set, who writes when, and how erased rows leave it.

mod address;
mod connection;
mod erasures;
mod jobs;
mod noted;
mod reading;
mod selection;
mod snapshot;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, SqlSafeStr};
use tokio::time::timeout;

use self::address::Address;
pub(super) use self::address::is_meant;
use self::connection::{Held, PATIENCE, acquire, timed_out, within};
pub(super) use self::snapshot::PostgresSnapshot;
pub(super) use self::transaction::PostgresTransaction;
use super::error::StoreError;
use super::location::Location;

/// How many can read at once.
const READERS: u32 = 8;
/// The one that writes, and one more to take its place while it is being given up.
const WRITERS: u32 = 2;
/// How long to wait for a connection: a request hears sooner that there is none than that a statement takes long.
const ACQUIRE: Duration = Duration::from_secs(5);

/// SQLSTATE of a database that is not there.
const NO_DATABASE: &str = "3D000";

/// What every connection is told first. A statement ends before its client stops waiting for it, a server that stops in
/// the middle of a transaction does not hold up the others for ever, and a commit is on disk when it is acknowledged,
/// whatever the default of the database.
const SETTINGS: &str = "\
SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; \
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Takes the tables' dead rows away. Skips what somebody else is cleaning; cannot be in a transaction.
const VACUUM: &str =
    "VACUUM (SKIP_LOCKED) contents, job_contents, entries, jobs, customer_erasures";

/// How many dead rows there are still.
const DEAD: &str = "SELECT coalesce(sum(pg_stat_get_dead_tuples(oid)), 0)::bigint FROM unnest(ARRAY[\
'contents'::regclass, 'job_contents'::regclass, 'entries'::regclass, 'jobs'::regclass]) AS oid";

/// The migrations of `migrations/postgres`, in their order. One that was released never changes.
const MIGRATIONS: [(i64, &str, &str); 1] = [(
    1,
    "records",
    include_str!("../../../migrations/postgres/0001_records.sql"),
)];

/// A database of PostgreSQL; a clone is the same one.
#[derive(Debug, Clone)]
pub(super) struct Postgres {
    writers: PgPool,
    readers: PgPool,
}

impl Postgres {
    pub(super) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::of(location)?;
        // By itself: a pool would try again until its time is over, and then not say what was wrong.
        let mut connection = connect(&address).await?;
        check(&mut connection, &address).await?;
        let migrated = match timeout(PATIENCE, migrate(&mut connection)).await {
            Ok(migrated) => migrated,
            Err(_) => Err(MigrateError::Execute(timed_out())),
        };
        migrated.map_err(|error| StoreError::Migration {
            database: address.to_string(),
            source: Arc::new(error),
        })?;
        // It has done its work.
        let _ = timeout(PATIENCE, connection.close()).await;
        Ok(Self {
            writers: pool(WRITERS).connect_lazy_with(address.options()),
            readers: pool(READERS).connect_lazy_with(address.options()),
        })
    }

    pub(super) async fn begin(&self) -> Result<PostgresTransaction, StoreError> {
        PostgresTransaction::begin(acquire(&self.writers, "beginning to write").await?).await
    }

    pub(super) async fn snapshot(&self) -> Result<PostgresSnapshot, StoreError> {
        PostgresSnapshot::on(acquire(&self.readers, "reading").await?).await
    }

    async fn reader(&self) -> Result<Held, StoreError> {
        acquire(&self.readers, "reading").await
    }

    /// Takes the dead rows that erasing leaves out of the tables.
    pub(super) async fn scrub(&self) -> Result<bool, StoreError> {
        let doing = "cleaning tables of erased rows";
        let mut connection = acquire(&self.writers, doing).await?;
        within(doing, sqlx::raw_sql(VACUUM).execute(&mut *connection)).await?;
        let dead: i64 = within(doing, sqlx::query_scalar(DEAD).fetch_one(&mut *connection)).await?;
        connection.give_back();
        Ok(dead == 0)
    }

    pub(super) async fn close(&self) {
        let closing = futures_util::future::join(self.readers.close(), self.writers.close());
        // A database that is gone says goodbye to nobody.
        let _ = timeout(PATIENCE, closing).await;
    }
}

/// Connections that are told [`SETTINGS`].
fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async {
                let told = sqlx::raw_sql(SETTINGS).execute(connection).await;
                told.map(|_| ())
            })
        })
}

/// Opens a connection, and says what is in the way when there is none.
async fn connect(address: &Address) -> Result<PgConnection, StoreError> {
    let connecting = async {
        let mut connection = PgConnection::connect_with(&address.options()).await?;
        sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
        Ok(connection)
    };
    let connected = timeout(ACQUIRE, connecting).await;
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

/// Whether a database can hold records and take them.
async fn check(connection: &mut PgConnection, address: &Address) -> Result<(), StoreError> {
    let asked = sqlx::query_as(
        "SELECT current_setting('transaction_read_only')::boolean, \
         current_setting('server_encoding') = 'UTF8', current_setting('fsync')::boolean",
    );
    let (is_read_only, is_utf8, is_synced): (bool, bool, bool) =
        within("looking at the database", asked.fetch_one(connection)).await?;
    let unsuitable = |reason| {
        Err(StoreError::Unsuitable {
            database: address.to_string(),
            reason,
        })
    };
    if is_read_only {
        return unsuitable("the database can only be read: it is a standby, or set so");
    }
    if !is_utf8 {
        return unsuitable("the database's encoding is not UTF8");
    }
    if !is_synced {
        tracing::warn!("fsync is off in the database: a power cut may take acknowledged records");
    }
    Ok(())
}

/// Brings the tables up to date.
async fn migrate(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS.map(|(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    // In one transaction, and one after the other: another server may be opening the same new database.
    let mut transaction = connection
        .begin_with("BEGIN; SELECT pg_advisory_xact_lock(hashtext('microseg migrations'))")
        .await?;
    let connection: &mut PgConnection = &mut transaction;
    let mut migrator = Migrator::with_migrations(migrations.into());
    migrator.set_locking(false);
    migrator.run_direct(None, connection, false).await?;
    Ok(transaction.commit().await?)
}
