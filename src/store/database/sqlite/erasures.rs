//! Erasures in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;

use super::transaction::SqliteTransaction;
use crate::customer_bucket::erasure_bucket;
use crate::database::interface::Residue;
use crate::database::shared;
use crate::database::shared::session::Session;
use crate::erasures::database::ErasureTransaction;
use crate::erasures::selection::Selection;
use crate::error::StoreError;
use crate::records::entry::Tombstone;
use crate::timestamp::milliseconds;

#[async_trait]
impl ErasureTransaction for SqliteTransaction {
    /// There are no transactions beside this one.
    async fn lock_customer(&mut self, _: &Tenant, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    async fn note_erasure(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        let last = shared::erasures::last_erasure(self).await?;
        let query = sqlx::query(
            "INSERT OR REPLACE INTO customer_erasures (customer_bucket, number, erased_at) \
             VALUES (?, ?, ?)",
        )
        .bind(erasure_bucket(tenant, customer_id))
        .bind(last.erasure.saturating_add(1))
        .bind(milliseconds(moment));
        self.execute("noting an erasure", query).await?;
        // The new note stays, so that the numbers go on.
        shared::erasures::expire_erasures(self, moment).await
    }

    async fn select_explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError> {
        shared::erasures::select_explanations(self, selection).await
    }

    async fn redact(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        self.leave(Residue::Erased);
        for tombstone in tombstones {
            for statement in [
                "DELETE FROM contents WHERE sequence = ?",
                "DELETE FROM jobs WHERE id = (SELECT id FROM entries WHERE sequence = ?)",
                "UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL, summary = NULL \
                 WHERE sequence = ?",
            ] {
                let query = sqlx::query(statement).bind(tombstone.sequence.cast_signed());
                self.execute("erasing an explanation", query).await?;
            }
        }
        Ok(())
    }

    async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        let numbers = shared::erasures::select_jobs(self, selection).await?;
        for &number in &numbers {
            self.leave(Residue::Erased);
            for statement in [
                "DELETE FROM job_contents WHERE number = ?",
                "DELETE FROM jobs WHERE number = ?",
            ] {
                let query = sqlx::query(statement).bind(number);
                self.execute("erasing jobs", query).await?;
            }
        }
        Ok(numbers.len() as u64)
    }

    async fn remove_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<u64, StoreError> {
        let removed = shared::customers::remove(self, tenant, customer_id).await?;
        if removed.is_some() {
            self.leave(Residue::Erased);
        }
        Ok(removed.unwrap_or(0))
    }
}
