//! Snapshots of the chain in SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Decode, Row, Transaction, Type};

use super::address::Address;
use super::pool::{BUSY_TIMEOUT, pool};
use crate::customer_bucket::bucket_of;
use crate::database::shared::chain;
use crate::error::{StoreError, while_doing};
use crate::location::Location;
use crate::records::database::ChainSnapshot;
use crate::records::stored_entry::{StoredContent, StoredEntry};

/// The chain at one moment.
pub(crate) struct SqliteSnapshot(Transaction<'static, sqlx::Sqlite>);

impl SqliteSnapshot {
    pub(super) async fn from_pool(readers: &SqlitePool) -> Result<Self, StoreError> {
        let transaction = readers.begin().await;
        transaction.map(Self).map_err(while_doing("reading"))
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
        .fetch_one(&mut *snapshot.0)
        .await
        .map_err(failed)?;
        if tables == 2 {
            Ok(snapshot)
        } else {
            Err(StoreError::Foreign { database })
        }
    }
}

#[async_trait]
impl ChainSnapshot for SqliteSnapshot {
    async fn count(&mut self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(chain::COUNT)
            .fetch_one(&mut *self.0)
            .await
            .map_err(while_doing("counting entries"))?;
        Ok(count.cast_unsigned())
    }

    async fn entries(&mut self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        let failed = while_doing("reading entries");
        let rows = sqlx::query(chain::ENTRIES)
            .bind(from)
            .bind(chain::PAGE)
            .fetch_all(&mut *self.0)
            .await
            .map_err(&failed)?;
        rows.iter().map(|row| read(row).map_err(&failed)).collect()
    }

    async fn orphaned_content(&mut self) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(chain::ORPHANED_CONTENT)
            .fetch_one(&mut *self.0)
            .await
            .map_err(while_doing("looking for documents without an entry"))
    }
}

fn read(row: &SqliteRow) -> Result<StoredEntry, sqlx::Error> {
    let mut columns = LenientRow {
        row,
        are_readable: true,
    };
    let customer_id: Option<String> = columns.get("customer_id");
    let document = columns.get::<Option<Vec<u8>>>("document");
    let customer_bucket: Option<i64> = columns.get("customer_bucket");
    Ok(StoredEntry {
        sequence: row.try_get("sequence")?,
        kind: columns.get("kind"),
        previous_sha256: columns.get("previous_sha256"),
        document_sha256: columns.get("document_sha256"),
        record_sha256: columns.get("record_sha256"),
        id: columns.get("id"),
        created_at: columns.get("created_at"),
        is_indexed: customer_bucket == customer_id.as_deref().map(bucket_of),
        content: document.map(|document| StoredContent {
            customer_id,
            document,
        }),
        is_readable: columns.are_readable,
    })
}

/// A row whose columns may hold anything: the tables' types do not bind other programs.
struct LenientRow<'r> {
    row: &'r SqliteRow,
    are_readable: bool,
}

impl<'r> LenientRow<'r> {
    /// The value of a column; the default when it cannot be read.
    fn get<T>(&mut self, name: &str) -> T
    where
        T: Default + Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite>,
    {
        self.row.try_get(name).unwrap_or_else(|_| {
            self.are_readable = false;
            T::default()
        })
    }
}
