//! Shared statements of idempotency.

use async_trait::async_trait;
use microseg_access::Tenant;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::erasures::push_condition;
use super::session::{Bind, Columns, Session};
use crate::customer_bucket::erasure_bucket;
use crate::erasures::selection::Selection;
use crate::error::{StoreError, while_doing};
use crate::idempotency::claim::{KeyedRequest, StoredClaim};
use crate::idempotency::database::IdempotencyTransaction;
use crate::records::entry::Tombstone;

/// The digest of a request, the id of its explanation, when it was claimed, until when it is held, and what was done.
type Row = (String, String, i64, i64, Option<String>);

#[async_trait]
impl<S> IdempotencyTransaction for S
where
    S: Session,
    i64: Bind<S::Sql>,
    Option<i64>: Bind<S::Sql>,
    String: Bind<S::Sql>,
    Option<String>: Bind<S::Sql>,
    Row: Columns<S::Sql>,
{
    async fn expire_claims(&mut self, before: i64) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM idempotency WHERE created_at < $1").bind(before);
        self.execute("expiring keys of requests", query).await?;
        Ok(())
    }

    async fn claim_of(
        &mut self,
        tenant: &Tenant,
        request: &KeyedRequest,
    ) -> Result<Option<StoredClaim>, StoreError> {
        let doing = "looking for the key of a request";
        let query = sqlx::query_as(
            "SELECT request_sha256, id, created_at, held_until, outcome FROM idempotency \
             WHERE tenant = $1 AND key_sha256 = $2",
        )
        .bind(tenant.to_string())
        .bind(request.key_sha256.clone());
        let row: Option<Row> = self.fetch_optional(doing, query).await?;
        let Some((request_sha256, id, created_at, held_until, outcome)) = row else {
            return Ok(None);
        };
        Ok(Some(StoredClaim {
            request_sha256,
            id: Uuid::parse_str(&id)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            created_at,
            held_until,
            outcome,
        }))
    }

    async fn insert_claim(
        &mut self,
        tenant: &Tenant,
        request: &KeyedRequest,
        created_at: i64,
        held_until: i64,
        outcome: Option<&str>,
    ) -> Result<(), StoreError> {
        let customer_id = request.customer_id.as_deref();
        let query = sqlx::query(
            "INSERT INTO idempotency \
             (tenant, key_sha256, request_sha256, id, customer_bucket, created_at, held_until, outcome) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.to_string())
        .bind(request.key_sha256.clone())
        .bind(request.request_sha256.clone())
        .bind(request.id.to_string())
        .bind(customer_id.map(|id| erasure_bucket(tenant, id)))
        .bind(created_at)
        .bind(held_until)
        .bind(outcome.map(str::to_owned));
        self.execute("claiming the key of a request", query).await?;
        Ok(())
    }

    async fn hold_claim(&mut self, id: Uuid, held_until: i64) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE idempotency SET held_until = $1 WHERE id = $2")
            .bind(held_until)
            .bind(id.to_string());
        self.execute("holding the key of a request", query).await?;
        Ok(())
    }

    async fn release_claim(&mut self, id: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM idempotency WHERE id = $1").bind(id.to_string());
        self.execute("releasing the key of a request", query)
            .await?;
        Ok(())
    }

    async fn forget_recorded(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        if tombstones.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "DELETE FROM idempotency WHERE id IN (SELECT id FROM entries WHERE sequence IN (",
        );
        let mut numbers = query.separated(", ");
        for tombstone in tombstones {
            numbers.push_bind(tombstone.sequence.cast_signed());
        }
        query.push("))");
        self.execute("erasing keys of explanations", query.build())
            .await?;
        Ok(())
    }

    async fn forget_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "DELETE FROM idempotency WHERE customer_bucket = $1 \
             AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.id = idempotency.id) \
             AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = idempotency.id)",
        )
        .bind(erasure_bucket(tenant, customer_id));
        self.execute("erasing keys of a customer", query).await?;
        Ok(())
    }

    async fn forget_selected(&mut self, selection: &Selection) -> Result<(), StoreError> {
        let mut query = QueryBuilder::new(
            "DELETE FROM idempotency WHERE id IN \
             (SELECT id FROM jobs JOIN job_contents USING (number) WHERE state <> 'done' AND ",
        );
        push_condition(&mut query, selection);
        query.push(")");
        self.execute("erasing keys of jobs", query.build()).await?;
        if let Selection::Customer { tenant, id } = selection {
            self.forget_customer(tenant, id).await?;
        }
        Ok(())
    }
}
