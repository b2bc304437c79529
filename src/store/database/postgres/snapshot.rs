//! Snapshots of the chain in PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;

use super::address::Address;
use super::begin;
use super::connect::{connect, pool};
use super::pooled_connection::PooledConnection;
use super::time_limit::{within, within_time};
use crate::database::shared::chain;
use crate::error::StoreError;
use crate::location::Location;
use crate::records::database::ChainSnapshot;
use crate::records::stored_entry::StoredEntry;

/// How long a query over all entries may take: no request waits for it.
const SCAN_TIMEOUT: Duration = Duration::from_hours(1);

/// The chain at one moment. It ends with its connection.
pub(crate) struct PostgresSnapshot {
    connection: PooledConnection,
    /// The statement that reads entries.
    entries: &'static str,
}

impl PostgresSnapshot {
    pub(super) async fn begin(mut connection: PooledConnection) -> Result<Self, StoreError> {
        within(
            "reading",
            sqlx::raw_sql(begin::SNAPSHOT).execute(&mut *connection),
        )
        .await?;
        Ok(Self {
            connection,
            entries: chain::ENTRIES,
        })
    }

    /// Opens a database for reading only. Nothing is created or migrated.
    pub(crate) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::from_location(location)?;
        // First without a pool, which would report a timeout only.
        drop(connect(&address).await?);
        let pool = pool(1).connect_lazy_with(address.options());
        let mut snapshot = Self::begin(PooledConnection::acquire(&pool, "reading").await?).await?;
        let query = sqlx::query_scalar(
            "SELECT to_regclass('entries') IS NOT NULL AND to_regclass('contents') IS NOT NULL",
        )
        .persistent(false);
        let is_store: bool = within(
            "looking for tables",
            query.fetch_one(&mut *snapshot.connection),
        )
        .await?;
        if !is_store {
            return Err(StoreError::Foreign {
                database: address.to_string(),
            });
        }
        let query = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM pg_attribute \
             WHERE attrelid = 'entries'::regclass AND attname = 'summary')",
        )
        .persistent(false);
        let has_summaries: bool = within(
            "looking for columns",
            query.fetch_one(&mut *snapshot.connection),
        )
        .await?;
        if !has_summaries {
            snapshot.entries = chain::ENTRIES_OF_0_1;
        }
        Ok(snapshot)
    }
}

#[async_trait]
impl ChainSnapshot for PostgresSnapshot {
    async fn count(&mut self) -> Result<u64, StoreError> {
        let counting = sqlx::query_scalar(chain::COUNT)
            .persistent(false)
            .fetch_one(&mut *self.connection);
        let count: i64 = within_time(SCAN_TIMEOUT, "counting entries", counting).await?;
        Ok(count.cast_unsigned())
    }

    async fn entries(&mut self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        let reading = sqlx::query_as(self.entries)
            .bind(from)
            .bind(chain::PAGE)
            .persistent(false)
            .fetch_all(&mut *self.connection);
        within("reading entries", reading).await
    }

    async fn orphaned_content(&mut self) -> Result<Option<i64>, StoreError> {
        let looking = sqlx::query_scalar(chain::ORPHANED_CONTENT)
            .persistent(false)
            .fetch_one(&mut *self.connection);
        within_time(
            SCAN_TIMEOUT,
            "looking for documents without an entry",
            looking,
        )
        .await
    }
}
