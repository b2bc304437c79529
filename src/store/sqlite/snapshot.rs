//! Reading the whole chain as it is at one moment.

use std::sync::Arc;

use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Decode, Row, Transaction, Type};

use super::address::Address;
use super::{PATIENCE, pool};
use crate::bucket::bucket;
use crate::entry::{Content, Found};
use crate::error::{StoreError, while_doing};
use crate::location::Location;

/// How many entries are in memory at once.
const PAGE: i64 = 64;

/// The chain at one moment.
pub(crate) struct SqliteSnapshot(Transaction<'static, sqlx::Sqlite>);

impl SqliteSnapshot {
    pub(super) async fn from_pool(readers: &SqlitePool) -> Result<Self, StoreError> {
        let transaction = readers.begin().await;
        transaction.map(Self).map_err(while_doing("reading"))
    }

    pub(crate) async fn of(location: &Location) -> Result<Self, StoreError> {
        let address = Address::of(location)?;
        let database = address.to_string();
        if !address.exists() {
            return Err(StoreError::Missing { database });
        }
        let options = address.options().busy_timeout(PATIENCE).read_only(true);
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

    pub(crate) async fn count(&mut self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM entries")
            .fetch_one(&mut *self.0)
            .await
            .map_err(while_doing("counting entries"))?;
        Ok(count.cast_unsigned())
    }

    pub(crate) async fn entries(&mut self, from: i64) -> Result<Vec<Found>, StoreError> {
        let failed = while_doing("reading entries");
        let rows = sqlx::query(
            "SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, \
             customer_bucket, customer_id, document \
             FROM entries LEFT JOIN contents USING (sequence) \
             WHERE sequence >= ? ORDER BY sequence LIMIT ?",
        )
        .bind(from)
        .bind(PAGE)
        .fetch_all(&mut *self.0)
        .await
        .map_err(&failed)?;
        rows.iter().map(|row| read(row).map_err(&failed)).collect()
    }

    pub(crate) async fn lone_content(&mut self) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(
            "SELECT min(sequence) FROM contents WHERE NOT EXISTS \
             (SELECT 1 FROM entries WHERE entries.sequence = contents.sequence)",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(while_doing("looking for documents without an entry"))
    }
}

fn read(row: &SqliteRow) -> Result<Found, sqlx::Error> {
    let mut columns = Columns {
        row,
        are_readable: true,
    };
    let customer_id: Option<String> = columns.get("customer_id");
    let document = columns.get::<Option<Vec<u8>>>("document");
    let customer_bucket: Option<i64> = columns.get("customer_bucket");
    Ok(Found {
        sequence: row.try_get("sequence")?,
        kind: columns.get("kind"),
        previous_sha256: columns.get("previous_sha256"),
        document_sha256: columns.get("document_sha256"),
        record_sha256: columns.get("record_sha256"),
        id: columns.get("id"),
        created_at: columns.get("created_at"),
        is_indexed: customer_bucket == customer_id.as_deref().map(bucket),
        content: document.map(|document| Content {
            customer_id,
            document,
        }),
        is_readable: columns.are_readable,
    })
}

/// A row that somebody may have written anything into.
struct Columns<'r> {
    row: &'r SqliteRow,
    are_readable: bool,
}

impl<'r> Columns<'r> {
    /// What a column holds; nothing when that cannot be read.
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
