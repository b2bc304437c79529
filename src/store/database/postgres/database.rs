//! Open databases of PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join3;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection, FromRow, Row};
use tokio::time::timeout;

use super::address::Address;
use super::connect::{connect, pool};
use super::migrations::migrate;
use super::pooled_connection::PooledConnection;
use super::session::PostgresReader;
use super::snapshot::PostgresSnapshot;
use super::time_limit::{ANSWER_TIMEOUT, within};
use super::transaction::PostgresTransaction;
use crate::database::interface::{Database, Transaction};
use crate::database::shared::session::ReaderPool;
use crate::error::StoreError;
use crate::location::Location;
use crate::lock_name::LockName;
use crate::records::database::ChainSnapshot;

/// How many connections can read at once.
const READERS: u32 = 8;
/// How many transactions write customers at once.
const BESIDE: u32 = 4;
/// The connection that writes the chain, and one more to replace it while it is being closed.
const WRITERS: u32 = 2;

/// Removes the tables' dead rows. Skips what another server is cleaning; cannot run in a transaction.
const VACUUM: &str = "VACUUM (SKIP_LOCKED) contents, job_contents, entries, jobs, customer_erasures, \
    retention_clock, customers, customer_contents, kept_transactions, \
    customer_events, folded_transactions, erased_customers";

/// The number of dead rows that are left.
const DEAD: &str = "SELECT coalesce(sum(pg_stat_get_dead_tuples(oid)), 0)::bigint FROM unnest(ARRAY[\
'contents'::regclass, 'job_contents'::regclass, 'entries'::regclass, 'jobs'::regclass, \
'customer_contents'::regclass, 'kept_transactions'::regclass, 'customer_events'::regclass]) AS oid";

/// An open database of PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres {
    writers: PgPool,
    /// Connections that write beside the chain.
    beside: PgPool,
    readers: PgPool,
}

impl Postgres {
    /// Opens a database and migrates its tables.
    pub(crate) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::from_location(location)?;
        let mut connection = connect(&address).await?;
        check(&mut connection, &address).await?;
        // After an error the connection is dropped, which undoes everything.
        migrate(&mut connection)
            .await
            .map_err(|error| StoreError::Migration {
                database: address.to_string(),
                source: Arc::new(error),
            })?;
        // An error does not matter: the connection is not used again.
        let _ = timeout(ANSWER_TIMEOUT, connection.close()).await;
        Ok(Self {
            writers: pool(WRITERS).connect_lazy_with(address.options()),
            // One more to replace one that is being closed.
            beside: pool(BESIDE + 1).connect_lazy_with(address.options()),
            readers: pool(READERS).connect_lazy_with(address.options()),
        })
    }
}

impl ReaderPool for Postgres {
    type Sql = sqlx::Postgres;
    type Reader = PostgresReader;

    async fn reader(&self) -> Result<PostgresReader, StoreError> {
        let connection = PooledConnection::acquire(&self.readers, "reading").await?;
        Ok(PostgresReader(connection))
    }
}

#[async_trait]
impl Database for Postgres {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let connection = PooledConnection::acquire(&self.writers, "beginning to write").await?;
        Ok(Box::new(PostgresTransaction::begin(connection).await?))
    }

    fn writers_beside(&self) -> usize {
        BESIDE as usize
    }

    async fn begin_beside(
        &self,
        names: &[LockName],
    ) -> Result<(Box<dyn Transaction>, Vec<LockName>), StoreError> {
        let connection = PooledConnection::acquire(&self.beside, "beginning to write").await?;
        let (transaction, held) = PostgresTransaction::begin_beside(connection, names).await?;
        Ok((Box::new(transaction), held))
    }

    async fn snapshot(&self) -> Result<Box<dyn ChainSnapshot>, StoreError> {
        let connection = PooledConnection::acquire(&self.readers, "reading").await?;
        Ok(Box::new(PostgresSnapshot::begin(connection).await?))
    }

    /// Removes the dead rows that erasing leaves in the tables.
    async fn scrub(&self) -> Result<bool, StoreError> {
        let doing = "cleaning tables of erased rows";
        let mut connection = PooledConnection::acquire(&self.writers, doing).await?;
        within(doing, sqlx::raw_sql(VACUUM).execute(&mut *connection)).await?;
        let counting = async {
            let row = sqlx::raw_sql(DEAD).fetch_one(&mut *connection).await?;
            row.try_get::<i64, _>(0)
        };
        let dead = within(doing, counting).await?;
        connection.set_idle(true);
        Ok(dead == 0)
    }

    async fn guard(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        let closing = join3(
            self.readers.close(),
            self.writers.close(),
            self.beside.close(),
        );
        // A database that is gone does not answer.
        let _ = timeout(ANSWER_TIMEOUT, closing).await;
    }
}

/// Checks that a database can hold records and be written to.
async fn check(connection: &mut PgConnection, address: &Address) -> Result<(), StoreError> {
    let query = sqlx::raw_sql(
        "SELECT current_setting('transaction_read_only')::boolean, \
         current_setting('server_encoding') = 'UTF8', current_setting('fsync')::boolean",
    );
    let looking = async {
        let row = query.fetch_one(connection).await?;
        <(bool, bool, bool)>::from_row(&row)
    };
    let (is_read_only, is_utf8, is_synced) = within("looking at the database", looking).await?;
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
