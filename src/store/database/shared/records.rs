//! Shared statements of records.

use async_trait::async_trait;
use microseg_access::Tenant;
use uuid::Uuid;

use super::chain::{ENTRY_OF_ID, ENTRY_OF_NUMBER, UNSUMMARIZED};
use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customer_bucket::bucket_of;
use crate::error::StoreError;
use crate::records::database::RecordReader;
use crate::records::entry::Head;
use crate::records::page::ListedRow;
use crate::records::seal::GENESIS;
use crate::records::stored_entry::{StoredEntry, StoredRecord};

#[async_trait]
impl<P> RecordReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    String: Bind<P::Sql>,
    StoredEntry: Columns<P::Sql>,
    StoredRecord: Columns<P::Sql>,
    ListedRow: Columns<P::Sql>,
    (i64,): Columns<P::Sql>,
    (i64, String): Columns<P::Sql>,
{
    async fn record(&self, tenant: &Tenant, id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(ENTRY_OF_ID)
            .bind(id.to_string())
            .bind(tenant.to_string());
        reader.fetch_optional("reading an explanation", query).await
    }

    async fn entry(&self, sequence: i64) -> Result<Option<StoredEntry>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(ENTRY_OF_NUMBER).bind(sequence);
        reader.fetch_optional("reading an entry", query).await
    }

    async fn list(
        &self,
        tenant: &Tenant,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let end = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT sequence, id, created_at, summary FROM entries JOIN contents USING (sequence) \
             WHERE customer_bucket = $1 AND sequence < $2 AND customer_id = $3 AND kind = 'explanation' \
             AND tenant = $4 ORDER BY sequence DESC LIMIT $5",
        )
        .bind(bucket_of(customer_id))
        .bind(end)
        .bind(customer_id.to_owned())
        .bind(tenant.to_string())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        reader.fetch_all("listing explanations", query).await
    }

    async fn unsummarized(&self, after: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(UNSUMMARIZED).bind(after).bind(limit);
        let rows: Vec<(i64,)> = reader
            .fetch_all("looking for explanations without a summary", query)
            .await?;
        Ok(rows.into_iter().map(|(sequence,)| sequence).collect())
    }

    async fn last_entry(&self) -> Result<Head, StoreError> {
        head(&mut self.reader().await?).await
    }
}

/// The chain's last entry.
pub(crate) async fn head<S>(session: &mut S) -> Result<Head, StoreError>
where
    S: Session,
    (i64, String): Columns<S::Sql>,
{
    let query = sqlx::query_as(
        "SELECT sequence, record_sha256 FROM entries ORDER BY sequence DESC LIMIT 1",
    );
    let last: Option<(i64, String)> = session
        .fetch_optional("reading the chain's end", query)
        .await?;
    let (sequence, sha256) = last.unwrap_or_else(|| (0, GENESIS.to_owned()));
    Ok(Head {
        sequence: sequence.cast_unsigned(),
        sha256,
    })
}

/// Gives an explanation its summary, unless it has one or was erased meanwhile.
pub(crate) async fn set_summary<S>(
    session: &mut S,
    sequence: i64,
    summary: &str,
) -> Result<(), StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    String: Bind<S::Sql>,
{
    let query = sqlx::query(
        "UPDATE entries SET summary = $1 WHERE sequence = $2 AND summary IS NULL AND id IS NOT NULL",
    )
    .bind(summary.to_owned())
    .bind(sequence);
    session.execute("summarizing an explanation", query).await?;
    Ok(())
}
