//! Reading the whole chain as it is at one moment.

use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::address::Address;
use super::connection::{Held, acquire, within, within_time};
use super::{connect, pool};
use crate::bucket::bucket;
use crate::entry::{Content, Found};
use crate::error::StoreError;
use crate::location::Location;

/// How many entries are in memory at once.
const PAGE: i64 = 64;

/// How long it may take to count all entries: nobody waits for it as for a request.
const LONG: Duration = Duration::from_hours(1);

/// Begins, and gives statements as long as [`LONG`].
const BEGIN: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '1h'";

/// The chain at one moment. It ends with its connection.
pub(crate) struct PostgresSnapshot(Held);

impl PostgresSnapshot {
    pub(super) async fn on(mut connection: Held) -> Result<Self, StoreError> {
        within("reading", sqlx::raw_sql(BEGIN).execute(&mut *connection)).await?;
        Ok(Self(connection))
    }

    pub(crate) async fn of(location: &Location) -> Result<Self, StoreError> {
        let address = Address::of(location)?;
        // By itself first: it says what is wrong, which a pool does not.
        drop(connect(&address).await?);
        let pool = pool(1).connect_lazy_with(address.options());
        let mut snapshot = Self::on(acquire(&pool, "reading").await?).await?;
        let asked = sqlx::query_scalar(
            "SELECT to_regclass('entries') IS NOT NULL AND to_regclass('contents') IS NOT NULL",
        );
        let is_store: bool =
            within("looking for tables", asked.fetch_one(&mut *snapshot.0)).await?;
        if is_store {
            Ok(snapshot)
        } else {
            Err(StoreError::Foreign {
                database: address.to_string(),
            })
        }
    }

    pub(crate) async fn count(&mut self) -> Result<u64, StoreError> {
        let counting = sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(&mut *self.0);
        let count: i64 = within_time(LONG, "counting entries", counting).await?;
        Ok(count.cast_unsigned())
    }

    pub(crate) async fn entries(&mut self, from: i64) -> Result<Vec<Found>, StoreError> {
        let reading = sqlx::query(
            "SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, \
             customer_bucket, customer_id, document \
             FROM entries LEFT JOIN contents USING (sequence) \
             WHERE sequence >= $1 ORDER BY sequence LIMIT $2",
        )
        .bind(from)
        .bind(PAGE)
        .fetch_all(&mut *self.0);
        let read = async { reading.await?.iter().map(read).collect() };
        within("reading entries", read).await
    }

    pub(crate) async fn lone_content(&mut self) -> Result<Option<i64>, StoreError> {
        let looking = sqlx::query_scalar(
            "SELECT min(sequence) FROM contents WHERE NOT EXISTS \
             (SELECT 1 FROM entries WHERE entries.sequence = contents.sequence)",
        )
        .fetch_one(&mut *self.0);
        within_time(LONG, "looking for documents without an entry", looking).await
    }
}

/// Reads a row. The types and the encoding of its columns are what the database vouches for.
fn read(row: &PgRow) -> Result<Found, sqlx::Error> {
    let customer_id: Option<String> = row.try_get("customer_id")?;
    let document: Option<Vec<u8>> = row.try_get("document")?;
    let customer_bucket: Option<i64> = row.try_get("customer_bucket")?;
    Ok(Found {
        sequence: row.try_get("sequence")?,
        is_readable: true,
        kind: row.try_get("kind")?,
        previous_sha256: row.try_get("previous_sha256")?,
        document_sha256: row.try_get("document_sha256")?,
        record_sha256: row.try_get("record_sha256")?,
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        is_indexed: customer_bucket == customer_id.as_deref().map(bucket),
        content: document.map(|document| Content {
            customer_id,
            document,
        }),
    })
}
