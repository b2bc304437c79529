//! Writing the chain to PostgreSQL.

use async_trait::async_trait;

use super::transaction::PostgresTransaction;
use crate::database::shared;
use crate::error::StoreError;
use crate::records::database::RecordTransaction;
use crate::records::entry::{Entry, Head};

#[async_trait]
impl RecordTransaction for PostgresTransaction {
    async fn head(&mut self) -> Result<Head, StoreError> {
        // Read once: later entries of the transaction are its own.
        if let Some(head) = &self.head {
            return Ok(head.clone());
        }
        let head = shared::records::head(&mut *self.connection).await?;
        Ok(self.head.insert(head).clone())
    }

    async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        self.head = Some(Head {
            sequence: entry.sequence,
            sha256: entry.record_sha256.to_owned(),
        });
        self.batch.add(entry);
        if self.batch.is_full() {
            self.flush_batch().await?;
        }
        Ok(())
    }

    async fn set_summary(&mut self, sequence: i64, summary: &str) -> Result<(), StoreError> {
        shared::records::set_summary(self, sequence, summary).await
    }
}
