//! Jobs in SQLite. Leases end by the clock of the machine, which all processes of the file share.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;
use microseg_history::Identifier;
use uuid::Uuid;

use super::transaction::SqliteTransaction;
use crate::customer_bucket::bucket_of;
use crate::database::interface::Residue;
use crate::database::shared;
use crate::database::shared::session::Session;
use crate::error::{StoreError, while_doing};
use crate::jobs::caller::JobCaller;
use crate::jobs::database::JobTransaction;
use crate::jobs::job::{QueuedJob, StartedJob, StoredState, Waiting};
use crate::jobs::lease::{LeaseHolder, lease_milliseconds, longest_lease_milliseconds};
use crate::timestamp::milliseconds;

#[async_trait]
impl JobTransaction for SqliteTransaction {
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
        let doing = "queueing a job";
        let customer_id = job.customer_id.as_ref().map(Identifier::as_str);
        let query = sqlx::query_as(
            "INSERT INTO jobs (id, created_at, state, customer_bucket, caller, tenant) VALUES (?, ?, ?, ?, ?, ?) \
             RETURNING number",
        )
        .bind(job.id.to_string())
        .bind(milliseconds(created_at))
        .bind(StoredState::Queued.into_str())
        .bind(customer_id.map(bucket_of))
        .bind(job.caller.map(|caller| caller.number))
        .bind(tenant.as_str());
        let (number,): (i64,) = self.fetch_one(doing, query).await?;
        let query = sqlx::query(
            "INSERT INTO job_contents (number, guard, customer_id, request) \
             VALUES (?, zeroblob(4096), ?, ?)",
        )
        .bind(number)
        .bind(customer_id)
        .bind(job.request.as_bytes());
        self.execute(doing, query).await?;
        Ok(())
    }

    async fn start_job(&mut self, holder: &LeaseHolder) -> Result<Option<StartedJob>, StoreError> {
        let doing = "starting a job";
        let now = milliseconds(Timestamp::now());
        let query = sqlx::query_as(
            "SELECT number, id, tenant FROM jobs WHERE number = (SELECT min(number) FROM ( \
             SELECT min(number) AS number FROM jobs WHERE state = 'queued' UNION ALL \
             SELECT min(number) FROM jobs WHERE state = 'running' \
             AND (coalesce(lease_ends, 0) <= ? OR lease_ends > ?)))",
        )
        .bind(now)
        .bind(now.saturating_add(longest_lease_milliseconds()));
        let row: Option<(i64, String, String)> = self.fetch_optional(doing, query).await?;
        let Some((number, id, tenant)) = row else {
            return Ok(None);
        };
        let query = sqlx::query_as(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, holder = ?, lease_ends = ? \
             WHERE number = ? RETURNING attempts",
        )
        .bind(holder.as_str())
        .bind(now.saturating_add(lease_milliseconds()))
        .bind(number);
        let (attempts,): (i64,) = self.fetch_one(doing, query).await?;
        Ok(Some(StartedJob {
            id: Uuid::parse_str(&id)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            tenant: Tenant::stored(&tenant),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            admitted: shared::erasures::last_erasure(self).await?,
        }))
    }

    async fn renew_lease(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<bool, StoreError> {
        let now = milliseconds(Timestamp::now());
        let query = sqlx::query(
            "UPDATE jobs SET lease_ends = ? WHERE id = ? AND state = 'running' AND holder = ?",
        )
        .bind(now.saturating_add(lease_milliseconds()))
        .bind(id.to_string())
        .bind(holder.as_str());
        let renewed = self.execute("renewing a lease", query).await?;
        Ok(renewed > 0)
    }

    async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.leave(Residue::Request);
        for statement in [
            "DELETE FROM job_contents WHERE number = (SELECT number FROM jobs WHERE id = ?)",
            "UPDATE jobs SET state = 'done', customer_bucket = NULL WHERE id = ?",
        ] {
            let query = sqlx::query(statement).bind(id.to_string());
            self.execute("finishing a job", query).await?;
        }
        Ok(())
    }

    async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &LeaseHolder,
        problem: &[u8],
    ) -> Result<(), StoreError> {
        let doing = "failing a job";
        let query = sqlx::query_as(
            "UPDATE jobs SET state = 'failed', problem = ? \
             WHERE id = ? AND state = 'running' AND holder = ? RETURNING number",
        )
        .bind(problem)
        .bind(id.to_string())
        .bind(holder.as_str());
        let row: Option<(i64,)> = self.fetch_optional(doing, query).await?;
        self.leave(Residue::Request);
        // The customer stays: erasing a customer erases failed jobs too.
        let query = sqlx::query("UPDATE job_contents SET request = NULL WHERE number = ?")
            .bind(row.map(|(number,)| number));
        self.execute(doing, query).await?;
        Ok(())
    }

    async fn put_back(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<(), StoreError> {
        shared::jobs::put_back(self, id, holder).await
    }

    async fn requeue_jobs(&mut self, holder: &LeaseHolder) -> Result<u64, StoreError> {
        shared::jobs::requeue_jobs(self, holder).await
    }
}
