//! Lookups in PostgreSQL before something is written, many in one query.

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

use super::transaction::PostgresTransaction;
use crate::customer_bucket::erasure_bucket;
use crate::database::shared::session::Session;
use crate::error::{StoreError, while_doing};
use crate::existing::{Existing, ExistingQuery, ExistingTransaction};
use crate::jobs::job::StoredState;

#[async_trait]
impl ExistingTransaction for PostgresTransaction {
    async fn prefetch(&mut self, queries: Vec<ExistingQuery>) -> Result<(), StoreError> {
        if queries.len() > 1 {
            // In the middle of a batch, what its operations have added is to be seen.
            self.flush_batch().await?;
            let prefetched = self.look_up(&queries).await?;
            // Queries that share an id may be of two customers: then each is a query of its own.
            if prefetched.len() == queries.len() {
                self.prefetched.extend(prefetched);
            }
        }
        Ok(())
    }

    async fn existing(&mut self, query: &ExistingQuery) -> Result<Existing, StoreError> {
        // Removed: a later query for the same id comes after an operation that may have written it.
        if let Some(existing) = self.prefetched.remove(&query.id) {
            return Ok(existing);
        }
        self.flush_batch().await?;
        let found = self.look_up(std::slice::from_ref(query)).await?;
        let missing = || while_doing("looking for a record")(sqlx::Error::RowNotFound);
        found.get(&query.id).copied().ok_or_else(missing)
    }
}

impl PostgresTransaction {
    async fn look_up(
        &mut self,
        queries: &[ExistingQuery],
    ) -> Result<HashMap<Uuid, Existing>, StoreError> {
        let ids: Vec<String> = queries.iter().map(|query| query.id.to_string()).collect();
        let buckets: Vec<Option<i64>> = queries
            .iter()
            .map(|query| {
                let customer_id = query.customer_id.as_deref();
                customer_id.map(|id| erasure_bucket(&query.tenant, id))
            })
            .collect();
        let admissions: Vec<i64> = queries.iter().map(|query| query.admitted.erasure).collect();
        let query = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE entries.id = asked.id), \
             (SELECT state FROM jobs WHERE jobs.id = asked.id), \
             EXISTS (SELECT 1 FROM customer_erasures AS erased \
             WHERE erased.customer_bucket = asked.bucket AND erased.number > asked.admission) \
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) \
             WITH ORDINALITY AS asked (id, bucket, admission, place) ORDER BY place",
        )
        .bind(ids)
        .bind(buckets)
        .bind(admissions);
        let rows: Vec<(bool, Option<String>, bool)> = (*self.connection)
            .fetch_all("looking for records", query)
            .await?;
        let existing = rows
            .into_iter()
            .map(|(is_recorded, job, is_erased)| Existing {
                is_recorded,
                job: job.as_deref().map(StoredState::from_name),
                is_erased,
            });
        Ok(queries.iter().map(|query| query.id).zip(existing).collect())
    }
}
