//! Shared statements of records.

use async_trait::async_trait;
use uuid::Uuid;

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::customer_bucket::bucket_of;
use crate::error::StoreError;
use crate::records::database::RecordReader;
use crate::records::entry::Head;
use crate::records::kept_input::KeptInput;
use crate::records::page::Page;
use crate::records::seal::GENESIS;

/// A document, and the form and the bytes of its input.
type StoredRecord = (Vec<u8>, Option<String>, Option<Vec<u8>>);

#[async_trait]
impl<P> RecordReader for P
where
    P: ReaderPool,
    i64: Bind<P::Sql>,
    String: Bind<P::Sql>,
    (Vec<u8>,): Columns<P::Sql>,
    StoredRecord: Columns<P::Sql>,
    (i64, Vec<u8>): Columns<P::Sql>,
{
    async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT document FROM entries JOIN contents USING (sequence) \
             WHERE id = $1 AND kind = 'explanation'",
        )
        .bind(id.to_string());
        let row: Option<(Vec<u8>,)> = reader
            .fetch_optional("reading an explanation", query)
            .await?;
        Ok(row.map(|(document,)| document))
    }

    async fn record(&self, id: Uuid) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT document, input_form, input FROM entries JOIN contents USING (sequence) \
             WHERE id = $1 AND kind = 'explanation'",
        )
        .bind(id.to_string());
        let row: Option<StoredRecord> = reader
            .fetch_optional("reading an explanation and its input", query)
            .await?;
        Ok(row.map(|(document, form, bytes)| {
            let input = KeptInput::from_form(form.as_deref(), bytes);
            (document, input)
        }))
    }

    async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let end = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT sequence, document FROM entries JOIN contents USING (sequence) \
             WHERE customer_bucket = $1 AND sequence < $2 AND customer_id = $3 AND kind = 'explanation' \
             ORDER BY sequence DESC LIMIT $4",
        )
        .bind(bucket_of(customer_id))
        .bind(end)
        .bind(customer_id.to_owned())
        // One more tells whether another page follows.
        .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1));
        let rows = reader.fetch_all("listing explanations", query).await?;
        Ok(Page::from_rows(rows, limit))
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
