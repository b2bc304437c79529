//! Snapshots of the chain in PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::address::Address;
use super::connect::{connect, pool};
use super::pooled_connection::PooledConnection;
use super::time_limit::{within, within_time};
use crate::customer_bucket::bucket_of;
use crate::database::shared::chain;
use crate::error::StoreError;
use crate::location::Location;
use crate::records::database::ChainSnapshot;
use crate::records::stored_entry::{StoredContent, StoredEntry};

/// How long a query over all entries may take: no request waits for it.
const SCAN_TIMEOUT: Duration = Duration::from_hours(1);

/// Begins, with a statement timeout of [`SCAN_TIMEOUT`].
const BEGIN: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '1h'";

/// The chain at one moment. It ends with its connection.
pub(crate) struct PostgresSnapshot(PooledConnection);

impl PostgresSnapshot {
    pub(super) async fn begin(mut connection: PooledConnection) -> Result<Self, StoreError> {
        within("reading", sqlx::raw_sql(BEGIN).execute(&mut *connection)).await?;
        Ok(Self(connection))
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
        );
        let is_store: bool =
            within("looking for tables", query.fetch_one(&mut *snapshot.0)).await?;
        if is_store {
            Ok(snapshot)
        } else {
            Err(StoreError::Foreign {
                database: address.to_string(),
            })
        }
    }
}

#[async_trait]
impl ChainSnapshot for PostgresSnapshot {
    async fn count(&mut self) -> Result<u64, StoreError> {
        let counting = sqlx::query_scalar(chain::COUNT).fetch_one(&mut *self.0);
        let count: i64 = within_time(SCAN_TIMEOUT, "counting entries", counting).await?;
        Ok(count.cast_unsigned())
    }

    async fn entries(&mut self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        let reading = sqlx::query(chain::ENTRIES)
            .bind(from)
            .bind(chain::PAGE)
            .fetch_all(&mut *self.0);
        let read = async { reading.await?.iter().map(read).collect() };
        within("reading entries", read).await
    }

    async fn orphaned_content(&mut self) -> Result<Option<i64>, StoreError> {
        let looking = sqlx::query_scalar(chain::ORPHANED_CONTENT).fetch_one(&mut *self.0);
        within_time(
            SCAN_TIMEOUT,
            "looking for documents without an entry",
            looking,
        )
        .await
    }
}

/// Reads a row. The database itself enforces the types and the encoding of its columns.
fn read(row: &PgRow) -> Result<StoredEntry, sqlx::Error> {
    let customer_id: Option<String> = row.try_get("customer_id")?;
    let document: Option<Vec<u8>> = row.try_get("document")?;
    let customer_bucket: Option<i64> = row.try_get("customer_bucket")?;
    Ok(StoredEntry {
        sequence: row.try_get("sequence")?,
        is_readable: true,
        kind: row.try_get("kind")?,
        previous_sha256: row.try_get("previous_sha256")?,
        document_sha256: row.try_get("document_sha256")?,
        record_sha256: row.try_get("record_sha256")?,
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        is_indexed: customer_bucket == customer_id.as_deref().map(bucket_of),
        content: document.map(|document| StoredContent {
            customer_id,
            document,
        }),
    })
}
