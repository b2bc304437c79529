//! Snapshots of the chain in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Transaction;
use sqlx::sqlite::SqlitePool;

use super::address::Address;
use super::pool::{BUSY_TIMEOUT, pool};
use crate::database::shared::chain;
use crate::error::{StoreError, while_doing};
use crate::location::Location;
use crate::records::database::ChainSnapshot;
use crate::records::stored_entry::StoredEntry;

/// The chain at one moment.
pub(crate) struct SqliteSnapshot {
    transaction: Transaction<'static, sqlx::Sqlite>,
    /// The statement that reads entries.
    entries: &'static str,
}

impl SqliteSnapshot {
    pub(super) async fn from_pool(readers: &SqlitePool) -> Result<Self, StoreError> {
        let transaction = readers.begin().await;
        let transaction = transaction.map_err(while_doing("reading"))?;
        Ok(Self {
            transaction,
            entries: chain::ENTRIES,
        })
    }

    /// Opens a database for reading only. Nothing is created or migrated.
    pub(crate) async fn open(location: &Location) -> Result<Self, StoreError> {
        let address = Address::from_location(location)?;
        let database = address.to_string();
        if !address.exists() {
            return Err(StoreError::Missing { database });
        }
        let options = address.options().busy_timeout(BUSY_TIMEOUT).read_only(true);
        let failed = |error| StoreError::Open {
            database: database.clone(),
            source: Arc::new(error),
        };
        let readers = pool(1).connect_with(options).await.map_err(failed)?;
        let mut snapshot = Self::from_pool(&readers).await?;
        let tables: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('entries', 'contents')",
        )
        .fetch_one(&mut *snapshot.transaction)
        .await
        .map_err(failed)?;
        if tables != 2 {
            return Err(StoreError::Foreign { database });
        }
        let summaries: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pragma_table_info('entries') WHERE name = 'summary'",
        )
        .fetch_one(&mut *snapshot.transaction)
        .await
        .map_err(failed)?;
        if summaries == 0 {
            snapshot.entries = chain::ENTRIES_OF_0_1;
        }
        Ok(snapshot)
    }
}

#[async_trait]
impl ChainSnapshot for SqliteSnapshot {
    async fn count(&mut self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(chain::COUNT)
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(while_doing("counting entries"))?;
        Ok(count.cast_unsigned())
    }

    async fn entries(&mut self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        sqlx::query_as(self.entries)
            .bind(from)
            .bind(chain::PAGE)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(while_doing("reading entries"))
    }

    async fn orphaned_content(&mut self) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(chain::ORPHANED_CONTENT)
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(while_doing("looking for documents without an entry"))
    }
}
