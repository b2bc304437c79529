//! Erasures in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;

use super::transaction::PostgresTransaction;
use crate::customer_bucket::erasure_bucket;
use crate::database::interface::Residue;
use crate::database::shared;
use crate::database::shared::session::Session;
use crate::erasures::database::ErasureTransaction;
use crate::erasures::selection::Selection;
use crate::error::StoreError;
use crate::lock_name::LockName;
use crate::records::entry::Tombstone;
use crate::timestamp::milliseconds;

#[async_trait]
impl ErasureTransaction for PostgresTransaction {
    async fn lock_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<(), StoreError> {
        self.lock(LockName::of_customer(tenant, customer_id)).await
    }

    async fn note_erasure(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO customer_erasures (customer_bucket, number, erased_at) \
             SELECT $1, coalesce(max(number), 0) + 1, $2 FROM customer_erasures \
             ON CONFLICT (customer_bucket) DO UPDATE \
             SET number = excluded.number, erased_at = excluded.erased_at",
        )
        .bind(erasure_bucket(tenant, customer_id))
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
        let sequences: Vec<i64> = tombstones
            .iter()
            .map(|tombstone| tombstone.sequence.cast_signed())
            .collect();
        for statement in [
            "DELETE FROM contents WHERE sequence = ANY($1)",
            "DELETE FROM jobs WHERE id IN (SELECT id FROM entries WHERE sequence = ANY($1))",
            "UPDATE entries SET id = NULL, created_at = NULL, customer_bucket = NULL, summary = NULL \
             WHERE sequence = ANY($1)",
        ] {
            let query = sqlx::query(statement).bind(&sequences);
            self.execute("erasing explanations", query).await?;
        }
        Ok(())
    }

    async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        let numbers = shared::erasures::select_jobs(self, selection).await?;
        if numbers.is_empty() {
            return Ok(0);
        }
        self.leave(Residue::Erased);
        for statement in [
            "DELETE FROM job_contents WHERE number = ANY($1)",
            "DELETE FROM jobs WHERE number = ANY($1)",
        ] {
            let query = sqlx::query(statement).bind(&numbers);
            self.execute("erasing jobs", query).await?;
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
