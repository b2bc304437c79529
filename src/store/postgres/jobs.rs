//! Writing and reading jobs. Leases are reckoned by the database's clock, so that those of the servers need not agree.

use jiff::Timestamp;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::connection::within;
use super::selection::push_condition;
use super::{Postgres, PostgresTransaction};
use crate::backend::Residue;
use crate::bucket::bucket;
use crate::entry::milliseconds;
use crate::erase::Selection;
use crate::error::{StoreError, while_doing};
use crate::jobs::{JobState, JobStatus, NewJob, State, WaitingJob};
use crate::lease::{Holder, lease_milliseconds};
use microseg_history::Identifier;

impl Postgres {
    pub(crate) async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        let doing = "reading a job";
        let mut reader = self.reader().await?;
        let asked = sqlx::query_as("SELECT created_at, state, problem FROM jobs WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *reader);
        let row: Option<(i64, String, Option<Vec<u8>>)> = within(doing, asked).await?;
        reader.give_back();
        let Some((created_at, state, problem)) = row else {
            return Ok(None);
        };
        Ok(Some(JobStatus {
            created_at: Timestamp::from_millisecond(created_at)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            state: match State::from_name(&state) {
                State::Queued => JobState::Queued,
                State::Running => JobState::Running,
                State::Done => JobState::Done,
                State::Failed => JobState::Failed {
                    problem: problem.unwrap_or_default(),
                },
            },
        }))
    }
}

impl PostgresTransaction {
    pub(crate) async fn queued_jobs(&mut self) -> Result<u64, StoreError> {
        let counting = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state = 'queued'")
            .fetch_one(self.settled().await?);
        let count: i64 = within("counting jobs", counting).await?;
        Ok(count.cast_unsigned())
    }

    pub(crate) async fn insert_job(
        &mut self,
        job: &NewJob,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let customer_id = job.customer_id.as_ref().map(Identifier::as_str);
        let queueing = sqlx::query(
            "WITH added AS (INSERT INTO jobs (id, created_at, state, customer_bucket) \
             VALUES ($1, $2, 'queued', $3) RETURNING number) \
             INSERT INTO job_contents (number, customer_id, request) SELECT number, $4, $5 FROM added",
        )
        .bind(job.id.to_string())
        .bind(milliseconds(created_at))
        .bind(customer_id.map(bucket))
        .bind(customer_id)
        .bind(&job.request)
        .execute(self.settled().await?);
        within("queueing a job", queueing).await?;
        Ok(())
    }

    pub(crate) async fn start_job(
        &mut self,
        holder: &Holder,
    ) -> Result<Option<WaitingJob>, StoreError> {
        let doing = "starting a job";
        let starting = sqlx::query_as(
            "WITH clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) \
             UPDATE jobs SET state = 'running', attempts = attempts + 1, holder = $1, lease_ends = now + $2 \
             FROM job_contents, clock WHERE job_contents.number = jobs.number AND jobs.number = ( \
             SELECT number FROM jobs WHERE state IN ('queued', 'running') \
             AND (state = 'queued' OR coalesce(lease_ends, 0) <= (SELECT now FROM clock)) \
             ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) \
             RETURNING id, attempts, request",
        )
        .bind(holder.as_str())
        .bind(lease_milliseconds())
        .fetch_optional(self.settled().await?);
        let job: Option<(String, i64, Option<Vec<u8>>)> = within(doing, starting).await?;
        let Some((id, attempts, request)) = job else {
            return Ok(None);
        };
        Ok(Some(WaitingJob {
            id: Uuid::parse_str(&id)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            request: request.unwrap_or_default(),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            admitted: self.admit().await?,
        }))
    }

    pub(crate) async fn renew_lease(
        &mut self,
        id: Uuid,
        holder: &Holder,
    ) -> Result<bool, StoreError> {
        let renewing = sqlx::query(
            "UPDATE jobs SET lease_ends = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $1 \
             WHERE id = $2 AND state = 'running' AND holder = $3",
        )
        .bind(lease_milliseconds())
        .bind(id.to_string())
        .bind(holder.as_str())
        .execute(self.settled().await?);
        let renewed = within("renewing a lease", renewing).await?;
        Ok(renewed.rows_affected() > 0)
    }

    pub(crate) async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.leaves(Residue::Request);
        let finishing = sqlx::query(
            "WITH done AS (UPDATE jobs SET state = 'done', customer_bucket = NULL WHERE id = $1 RETURNING number) \
             DELETE FROM job_contents WHERE number IN (SELECT number FROM done)",
        )
        .bind(id.to_string())
        .execute(self.settled().await?);
        within("finishing a job", finishing).await?;
        Ok(())
    }

    pub(crate) async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &Holder,
        problem: &[u8],
    ) -> Result<(), StoreError> {
        self.leaves(Residue::Request);
        // The customer stays: who erases a customer erases failed jobs too.
        let failing = sqlx::query(
            "WITH failed AS (UPDATE jobs SET state = 'failed', problem = $1 \
             WHERE id = $2 AND state = 'running' AND holder = $3 RETURNING number) \
             UPDATE job_contents SET request = NULL WHERE number IN (SELECT number FROM failed)",
        )
        .bind(problem)
        .bind(id.to_string())
        .bind(holder.as_str())
        .execute(self.settled().await?);
        within("failing a job", failing).await?;
        Ok(())
    }

    pub(crate) async fn put_back(&mut self, id: Uuid, holder: &Holder) -> Result<(), StoreError> {
        let queueing = sqlx::query(
            "UPDATE jobs SET state = 'queued' WHERE id = $1 AND state = 'running' AND holder = $2",
        )
        .bind(id.to_string())
        .bind(holder.as_str())
        .execute(self.settled().await?);
        within("queueing a job again", queueing).await?;
        Ok(())
    }

    pub(crate) async fn requeue_jobs(&mut self, holder: &Holder) -> Result<u64, StoreError> {
        let queueing =
            sqlx::query("UPDATE jobs SET state = 'queued' WHERE state = 'running' AND holder = $1")
                .bind(holder.as_str())
                .execute(self.settled().await?);
        let queued = within("queueing running jobs again", queueing).await?;
        Ok(queued.rows_affected())
    }

    pub(crate) async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        let doing = "erasing jobs";
        let mut query = QueryBuilder::new(
            "SELECT number FROM jobs JOIN job_contents USING (number) WHERE state <> 'done' AND ",
        );
        // A job that is done goes with its explanation.
        push_condition(&mut query, selection);
        let looking = query.build_query_scalar().fetch_all(self.settled().await?);
        let numbers: Vec<i64> = within(doing, looking).await?;
        if numbers.is_empty() {
            return Ok(0);
        }
        self.leaves(Residue::Erased);
        for statement in [
            "DELETE FROM job_contents WHERE number = ANY($1)",
            "DELETE FROM jobs WHERE number = ANY($1)",
        ] {
            let erasing = sqlx::query(statement).bind(&numbers);
            let erasing = erasing.execute(self.settled().await?);
            within(doing, erasing).await?;
        }
        Ok(numbers.len() as u64)
    }
}
