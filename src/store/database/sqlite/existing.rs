//! Lookups in SQLite before something is written.

use async_trait::async_trait;
use uuid::Uuid;

use super::transaction::SqliteTransaction;
use crate::admitted_at::AdmittedAt;
use crate::customer_bucket::erasure_bucket;
use crate::database::shared::session::Session;
use crate::error::StoreError;
use crate::existing::{Existing, ExistingQuery, ExistingTransaction};
use crate::jobs::job::StoredState;

#[async_trait]
impl ExistingTransaction for SqliteTransaction {
    /// A query is a call inside the process: nothing is gained by many at once.
    async fn prefetch(&mut self, _: Vec<ExistingQuery>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn existing(&mut self, query: &ExistingQuery) -> Result<Existing, StoreError> {
        Ok(Existing {
            is_recorded: self.is_recorded(query.id).await?,
            job: self.job_state(query.id).await?,
            is_erased: match &query.customer_id {
                Some(customer_id) => {
                    let bucket = erasure_bucket(&query.tenant, customer_id);
                    self.is_erased_since(bucket, query.admitted).await?
                }
                None => false,
            },
        })
    }
}

impl SqliteTransaction {
    async fn is_recorded(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let query = sqlx::query_as("SELECT EXISTS (SELECT 1 FROM entries WHERE id = ?)")
            .bind(id.to_string());
        let (is_recorded,) = self.fetch_one("looking for a record", query).await?;
        Ok(is_recorded)
    }

    async fn job_state(&mut self, id: Uuid) -> Result<Option<StoredState>, StoreError> {
        let query = sqlx::query_as("SELECT state FROM jobs WHERE id = ?").bind(id.to_string());
        let row: Option<(String,)> = self.fetch_optional("looking for a job", query).await?;
        Ok(row.map(|(state,)| StoredState::from_name(&state)))
    }

    async fn is_erased_since(
        &mut self,
        bucket: i64,
        admitted: AdmittedAt,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM customer_erasures \
             WHERE customer_bucket = ? AND number > ?)",
        )
        .bind(bucket)
        .bind(admitted.erasure);
        let (is_erased,) = self.fetch_one("looking for an erasure", query).await?;
        Ok(is_erased)
    }
}
