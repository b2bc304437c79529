//! Writing and reading jobs.

use jiff::Timestamp;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::selection::push_condition;
use super::{Sqlite, SqliteTransaction};
use crate::backend::Residue;
use crate::bucket::bucket;
use crate::entry::milliseconds;
use crate::erase::Selection;
use crate::error::{StoreError, while_doing};
use crate::jobs::{JobState, JobStatus, NewJob, State, WaitingJob};
use crate::lease::{Holder, lease_milliseconds};
use microseg_history::Identifier;

impl Sqlite {
    pub(crate) async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        let failed = while_doing("reading a job");
        let row: Option<(i64, String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT created_at, state, problem FROM jobs WHERE id = ?")
                .bind(id.to_string())
                .fetch_optional(&mut *self.reader().await?)
                .await
                .map_err(&failed)?;
        let Some((created_at, state, problem)) = row else {
            return Ok(None);
        };
        Ok(Some(JobStatus {
            created_at: Timestamp::from_millisecond(created_at)
                .map_err(|error| failed(sqlx::Error::Decode(error.into())))?,
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

impl SqliteTransaction {
    pub(super) async fn job_state(&mut self, id: Uuid) -> Result<Option<State>, StoreError> {
        let state: Option<String> = sqlx::query_scalar("SELECT state FROM jobs WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(while_doing("looking for a job"))?;
        Ok(state.as_deref().map(State::from_name))
    }

    pub(crate) async fn queued_jobs(&mut self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state = 'queued'")
            .fetch_one(&mut *self.connection)
            .await
            .map_err(while_doing("counting jobs"))?;
        Ok(count.cast_unsigned())
    }

    pub(crate) async fn insert_job(
        &mut self,
        job: &NewJob,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let failed = while_doing("queueing a job");
        let customer_id = job.customer_id.as_ref().map(Identifier::as_str);
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO jobs (id, created_at, state, customer_bucket) VALUES (?, ?, ?, ?) \
             RETURNING number",
        )
        .bind(job.id.to_string())
        .bind(milliseconds(created_at))
        .bind(State::Queued.as_str())
        .bind(customer_id.map(bucket))
        .fetch_one(&mut *self.connection)
        .await
        .map_err(&failed)?;
        sqlx::query(
            "INSERT INTO job_contents (number, guard, customer_id, request) \
             VALUES (?, zeroblob(4096), ?, ?)",
        )
        .bind(number)
        .bind(customer_id)
        .bind(&job.request)
        .execute(&mut *self.connection)
        .await
        .map_err(&failed)?;
        Ok(())
    }

    pub(crate) async fn start_job(
        &mut self,
        holder: &Holder,
    ) -> Result<Option<WaitingJob>, StoreError> {
        let failed = while_doing("starting a job");
        let now = milliseconds(Timestamp::now());
        let job: Option<(i64, String, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT number, id, request FROM jobs JOIN job_contents USING (number) \
             WHERE number = (SELECT min(number) FROM ( \
             SELECT min(number) AS number FROM jobs WHERE state = 'queued' UNION ALL \
             SELECT min(number) FROM jobs WHERE state = 'running' AND coalesce(lease_ends, 0) <= ?))",
        )
        .bind(now)
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(&failed)?;
        let Some((number, id, request)) = job else {
            return Ok(None);
        };
        let attempts: i64 = sqlx::query_scalar(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, holder = ?, lease_ends = ? \
             WHERE number = ? RETURNING attempts",
        )
        .bind(holder.as_str())
        .bind(now.saturating_add(lease_milliseconds()))
        .bind(number)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(&failed)?;
        Ok(Some(WaitingJob {
            id: Uuid::parse_str(&id).map_err(|error| failed(sqlx::Error::Decode(error.into())))?,
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
        let now = milliseconds(Timestamp::now());
        let renewed = sqlx::query(
            "UPDATE jobs SET lease_ends = ? WHERE id = ? AND state = 'running' AND holder = ?",
        )
        .bind(now.saturating_add(lease_milliseconds()))
        .bind(id.to_string())
        .bind(holder.as_str())
        .execute(&mut *self.connection)
        .await
        .map_err(while_doing("renewing a lease"))?;
        Ok(renewed.rows_affected() > 0)
    }

    pub(crate) async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.leaves(Residue::Request);
        for statement in [
            "DELETE FROM job_contents WHERE number = (SELECT number FROM jobs WHERE id = ?)",
            "UPDATE jobs SET state = 'done', customer_bucket = NULL WHERE id = ?",
        ] {
            sqlx::query(statement)
                .bind(id.to_string())
                .execute(&mut *self.connection)
                .await
                .map_err(while_doing("finishing a job"))?;
        }
        Ok(())
    }

    pub(crate) async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &Holder,
        problem: &[u8],
    ) -> Result<(), StoreError> {
        let failed = while_doing("failing a job");
        let number: Option<i64> = sqlx::query_scalar(
            "UPDATE jobs SET state = 'failed', problem = ? \
             WHERE id = ? AND state = 'running' AND holder = ? RETURNING number",
        )
        .bind(problem)
        .bind(id.to_string())
        .bind(holder.as_str())
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(&failed)?;
        self.leaves(Residue::Request);
        // The customer stays: who erases a customer erases failed jobs too.
        sqlx::query("UPDATE job_contents SET request = NULL WHERE number = ?")
            .bind(number)
            .execute(&mut *self.connection)
            .await
            .map_err(&failed)?;
        Ok(())
    }

    pub(crate) async fn put_back(&mut self, id: Uuid, holder: &Holder) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = 'queued' WHERE id = ? AND state = 'running' AND holder = ?",
        )
        .bind(id.to_string())
        .bind(holder.as_str())
        .execute(&mut *self.connection)
        .await
        .map_err(while_doing("queueing a job again"))?;
        Ok(())
    }

    pub(crate) async fn requeue_jobs(&mut self, holder: &Holder) -> Result<u64, StoreError> {
        let queued =
            sqlx::query("UPDATE jobs SET state = 'queued' WHERE state = 'running' AND holder = ?")
                .bind(holder.as_str())
                .execute(&mut *self.connection)
                .await
                .map_err(while_doing("queueing running jobs again"))?;
        Ok(queued.rows_affected())
    }

    pub(crate) async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        let failed = while_doing("erasing jobs");
        let mut query = QueryBuilder::new(
            "SELECT number FROM jobs JOIN job_contents USING (number) WHERE state <> 'done' AND ",
        );
        // A job that is done goes with its explanation.
        push_condition(&mut query, selection);
        let numbers: Vec<i64> = query
            .build_query_scalar()
            .fetch_all(&mut *self.connection)
            .await
            .map_err(&failed)?;
        for &number in &numbers {
            self.leaves(Residue::Erased);
            for statement in [
                "DELETE FROM job_contents WHERE number = ?",
                "DELETE FROM jobs WHERE number = ?",
            ] {
                sqlx::query(statement)
                    .bind(number)
                    .execute(&mut *self.connection)
                    .await
                    .map_err(&failed)?;
            }
        }
        Ok(numbers.len() as u64)
    }
}
