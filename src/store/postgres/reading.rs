//! Reading explanations.

use uuid::Uuid;

use super::Postgres;
use super::connection::within;
use crate::bucket::bucket;
use crate::draft::KeptInput;
use crate::error::StoreError;
use crate::handle::Page;

/// A document, and the form and the bytes of its input.
type Recorded = (Vec<u8>, Option<String>, Option<Vec<u8>>);

impl Postgres {
    pub(crate) async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reader = self.reader().await?;
        let asked = sqlx::query_scalar(
            "SELECT document FROM entries JOIN contents USING (sequence) \
             WHERE id = $1 AND kind = 'explanation'",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *reader);
        let document = within("reading an explanation", asked).await?;
        reader.give_back();
        Ok(document)
    }

    pub(crate) async fn record(
        &self,
        id: Uuid,
    ) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        let mut reader = self.reader().await?;
        let asked = sqlx::query_as(
            "SELECT document, input_form, input FROM entries JOIN contents USING (sequence) \
             WHERE id = $1 AND kind = 'explanation'",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *reader);
        let row: Option<Recorded> = within("reading an explanation and its input", asked).await?;
        reader.give_back();
        Ok(row.map(|(document, form, bytes)| {
            let input = KeptInput::of_form(form.as_deref(), bytes);
            (document, input)
        }))
    }

    pub(crate) async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let end = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        let mut reader = self.reader().await?;
        let asked = sqlx::query_as(
            "SELECT sequence, document FROM entries JOIN contents USING (sequence) \
             WHERE customer_bucket = $1 AND sequence < $2 AND customer_id = $3 AND kind = 'explanation' \
             ORDER BY sequence DESC LIMIT $4",
        )
        .bind(bucket(customer_id))
        .bind(end)
        .bind(customer_id)
        // One more says whether there are more.
        .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .fetch_all(&mut *reader);
        let rows: Vec<(i64, Vec<u8>)> = within("listing explanations", asked).await?;
        reader.give_back();
        Ok(Page::of_rows(rows, limit))
    }
}
