//! Jobs in PostgreSQL. Leases end by the database's clock, so that the servers' clocks need not agree.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;
use microseg_history::Identifier;
use uuid::Uuid;

use super::transaction::PostgresTransaction;
use crate::customer_bucket::bucket_of;
use crate::database::interface::Residue;
use crate::database::shared;
use crate::database::shared::session::Session;
use crate::error::{StoreError, while_doing};
use crate::jobs::caller::JobCaller;
use crate::jobs::database::JobTransaction;
use crate::jobs::job::{QueuedJob, StartedJob, Waiting};
use crate::jobs::lease::{LeaseHolder, lease_milliseconds, longest_lease_milliseconds};
use crate::timestamp::milliseconds;

#[async_trait]
impl JobTransaction for PostgresTransaction {
    async fn waiting_jobs(&mut self) -> Result<Waiting, StoreError> {
        shared::jobs::waiting_jobs(self).await
    }

    async fn queued_jobs_of(&mut self, caller: JobCaller) -> Result<u64, StoreError> {
        shared::jobs::queued_jobs_of(self, caller).await
    }

    async fn insert_job(
        &mut self,
        job: &QueuedJob,
        tenant: &Tenant,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let customer_id = job.customer_id.as_ref().map(Identifier::as_str);
        let query = sqlx::query(
            "WITH added AS (INSERT INTO jobs (id, created_at, state, customer_bucket, caller, tenant) \
             VALUES ($1, $2, 'queued', $3, $6, $7) RETURNING number) \
             INSERT INTO job_contents (number, customer_id, request) SELECT number, $4, $5 FROM added",
        )
        .bind(job.id.to_string())
        .bind(milliseconds(created_at))
        .bind(customer_id.map(bucket_of))
        .bind(customer_id)
        .bind(job.request.as_bytes())
        .bind(job.caller.map(|caller| caller.number))
        .bind(tenant.as_str());
        self.execute("queueing a job", query).await?;
        Ok(())
    }

    async fn start_job(&mut self, holder: &LeaseHolder) -> Result<Option<StartedJob>, StoreError> {
        let doing = "starting a job";
        let query = sqlx::query_as(
            "WITH clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) \
             UPDATE jobs SET state = 'running', attempts = attempts + 1, holder = $1, lease_ends = now + $2 \
             FROM clock WHERE jobs.number = ( \
             SELECT number FROM jobs WHERE state IN ('queued', 'running') \
             AND (state = 'queued' OR coalesce(lease_ends, 0) <= (SELECT now FROM clock) \
             OR lease_ends > (SELECT now FROM clock) + $3) \
             ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) \
             RETURNING id, attempts, tenant",
        )
        .bind(holder.as_str())
        .bind(lease_milliseconds())
        .bind(longest_lease_milliseconds());
        let row: Option<(String, i64, String)> = self.fetch_optional(doing, query).await?;
        let Some((id, attempts, tenant)) = row else {
            return Ok(None);
        };
        Ok(Some(StartedJob {
            id: Uuid::parse_str(&id)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            tenant: Tenant::stored(&tenant),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            admitted: shared::erasures::last_erasure(self).await?,
        }))
    }

    async fn renew_lease(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "UPDATE jobs SET lease_ends = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $1 \
             WHERE id = $2 AND state = 'running' AND holder = $3",
        )
        .bind(lease_milliseconds())
        .bind(id.to_string())
        .bind(holder.as_str());
        let renewed = self.execute("renewing a lease", query).await?;
        Ok(renewed > 0)
    }

    async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.leave(Residue::Request);
        let query = sqlx::query(
            "WITH done AS (UPDATE jobs SET state = 'done', customer_bucket = NULL WHERE id = $1 RETURNING number) \
             DELETE FROM job_contents WHERE number IN (SELECT number FROM done)",
        )
        .bind(id.to_string());
        self.execute("finishing a job", query).await?;
        Ok(())
    }

    async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &LeaseHolder,
        problem: &[u8],
    ) -> Result<(), StoreError> {
        self.leave(Residue::Request);
        // The customer stays: erasing a customer erases failed jobs too.
        let query = sqlx::query(
            "WITH failed AS (UPDATE jobs SET state = 'failed', problem = $1 \
             WHERE id = $2 AND state = 'running' AND holder = $3 RETURNING number) \
             UPDATE job_contents SET request = NULL WHERE number IN (SELECT number FROM failed)",
        )
        .bind(problem)
        .bind(id.to_string())
        .bind(holder.as_str());
        self.execute("failing a job", query).await?;
        Ok(())
    }

    async fn put_back(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<(), StoreError> {
        shared::jobs::put_back(self, id, holder).await
    }

    async fn requeue_jobs(&mut self, holder: &LeaseHolder) -> Result<u64, StoreError> {
        shared::jobs::requeue_jobs(self, holder).await
    }
}
