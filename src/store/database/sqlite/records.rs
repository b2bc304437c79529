//! Writing the chain to SQLite.

use async_trait::async_trait;

use super::transaction::SqliteTransaction;
use crate::customer_bucket::bucket_of;
use crate::database::shared;
use crate::database::shared::session::Session;
use crate::error::StoreError;
use crate::records::database::RecordTransaction;
use crate::records::entry::{Entry, Head};
use crate::records::kept_input::KeptInput;
use crate::timestamp::milliseconds;

#[async_trait]
impl RecordTransaction for SqliteTransaction {
    async fn head(&mut self) -> Result<Head, StoreError> {
        let head = shared::records::head(self).await?;
        self.check_head(&head)?;
        Ok(head)
    }

    async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let doing = "adding an entry";
        let unsealed = entry.unsealed;
        let query = sqlx::query(
            "INSERT INTO entries \
             (sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, customer_bucket, \
             summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.sequence.cast_signed())
        .bind(unsealed.kind.into_str())
        .bind(entry.previous_sha256)
        .bind(entry.document_sha256)
        .bind(entry.record_sha256)
        .bind(unsealed.id.to_string())
        .bind(milliseconds(unsealed.created_at))
        .bind(unsealed.customer_id.map(bucket_of))
        .bind(unsealed.summary);
        self.execute(doing, query).await?;
        let query = sqlx::query(
            "INSERT INTO contents (sequence, guard, customer_id, document, input_form, input, tenant) \
             VALUES (?, zeroblob(4096), ?, ?, ?, ?, ?)",
        )
        .bind(entry.sequence.cast_signed())
        .bind(unsealed.customer_id)
        .bind(entry.document)
        .bind(unsealed.input.map(KeptInput::form))
        .bind(unsealed.input.and_then(KeptInput::bytes))
        .bind(unsealed.tenant.as_str());
        self.execute(doing, query).await?;
        self.added = Some(Head {
            sequence: entry.sequence,
            sha256: entry.record_sha256.to_owned(),
        });
        Ok(())
    }

    async fn set_summary(&mut self, sequence: i64, summary: &str) -> Result<(), StoreError> {
        shared::records::set_summary(self, sequence, summary).await
    }
}
