//! Reading explanations.

use uuid::Uuid;

use super::Sqlite;
use crate::bucket::bucket;
use crate::draft::KeptInput;
use crate::error::{StoreError, while_doing};
use crate::handle::Page;

/// A document, and the form and the bytes of its input.
type Recorded = (Vec<u8>, Option<String>, Option<Vec<u8>>);

impl Sqlite {
    pub(crate) async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        sqlx::query_scalar(
            "SELECT document FROM entries JOIN contents USING (sequence) \
             WHERE id = ? AND kind = 'explanation'",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(while_doing("reading an explanation"))
    }

    pub(crate) async fn record(
        &self,
        id: Uuid,
    ) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        let row: Option<Recorded> = sqlx::query_as(
            "SELECT document, input_form, input FROM entries JOIN contents USING (sequence) \
             WHERE id = ? AND kind = 'explanation'",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(while_doing("reading an explanation and its input"))?;
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
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT sequence, document FROM entries JOIN contents USING (sequence) \
             WHERE customer_bucket = ? AND sequence < ? AND customer_id = ? AND kind = 'explanation' \
             ORDER BY sequence DESC LIMIT ?",
        )
        .bind(bucket(customer_id))
        .bind(end)
        .bind(customer_id)
        // One more says whether there are more.
        .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(while_doing("listing explanations"))?;
        Ok(Page::of_rows(rows, limit))
    }
}
