//! Shared statements of jobs.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use super::session::{Bind, Columns, ReaderPool, Session};
use crate::error::{StoreError, while_doing};
use crate::jobs::caller::JobCaller;
use crate::jobs::database::JobReader;
use crate::jobs::job::{JobStatus, StoredState, Waiting};
use crate::jobs::lease::LeaseHolder;

/// When a job was queued, its state, and the problem of a failed one.
type StoredJob = (i64, String, Option<Vec<u8>>);

#[async_trait]
impl<P> JobReader for P
where
    P: ReaderPool,
    String: Bind<P::Sql>,
    StoredJob: Columns<P::Sql>,
    (Option<Vec<u8>>,): Columns<P::Sql>,
{
    async fn job(&self, tenant: &Tenant, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        let doing = "reading a job";
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT created_at, state, problem FROM jobs WHERE id = $1 AND tenant = $2",
        )
        .bind(id.to_string())
        .bind(tenant.to_string());
        let row: Option<StoredJob> = reader.fetch_optional(doing, query).await?;
        let Some((created_at, state, problem)) = row else {
            return Ok(None);
        };
        Ok(Some(JobStatus {
            created_at: Timestamp::from_millisecond(created_at)
                .map_err(|error| while_doing(doing)(sqlx::Error::Decode(error.into())))?,
            state: StoredState::from_name(&state).with_problem(problem),
        }))
    }

    async fn request(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(
            "SELECT request FROM jobs JOIN job_contents USING (number) WHERE id = $1 AND state = 'running'",
        )
        .bind(id.to_string());
        let row: Option<(Option<Vec<u8>>,)> = reader
            .fetch_optional("reading the request of a job", query)
            .await?;
        Ok(row.map(|(request,)| request.unwrap_or_default()))
    }
}

/// What waits in the queue. The length of a request is known without reading it.
pub(crate) async fn waiting_jobs<S>(session: &mut S) -> Result<Waiting, StoreError>
where
    S: Session,
    (i64, i64): Columns<S::Sql>,
{
    let query = sqlx::query_as(
        "SELECT count(*), CAST(coalesce(sum(length(request)), 0) AS BIGINT) \
         FROM jobs JOIN job_contents USING (number) WHERE state = 'queued'",
    );
    let (jobs, bytes): (i64, i64) = session.fetch_one("counting jobs", query).await?;
    Ok(Waiting {
        jobs: jobs.cast_unsigned(),
        bytes: bytes.cast_unsigned(),
    })
}

/// The number of queued jobs of a caller.
pub(crate) async fn queued_jobs_of<S>(session: &mut S, caller: JobCaller) -> Result<u64, StoreError>
where
    S: Session,
    i64: Bind<S::Sql>,
    (i64,): Columns<S::Sql>,
{
    let query = sqlx::query_as("SELECT count(*) FROM jobs WHERE state = 'queued' AND caller = $1")
        .bind(caller.number);
    let (count,): (i64,) = session.fetch_one("counting a caller's jobs", query).await?;
    Ok(count.cast_unsigned())
}

/// Queues a running job of the holder again.
pub(crate) async fn put_back<S>(
    session: &mut S,
    id: Uuid,
    holder: &LeaseHolder,
) -> Result<(), StoreError>
where
    S: Session,
    String: Bind<S::Sql>,
{
    let query = sqlx::query(
        "UPDATE jobs SET state = 'queued' WHERE id = $1 AND state = 'running' AND holder = $2",
    )
    .bind(id.to_string())
    .bind(holder.as_str().to_owned());
    session.execute("queueing a job again", query).await?;
    Ok(())
}

/// Queues all running jobs of the holder again, and counts them.
pub(crate) async fn requeue_jobs<S>(
    session: &mut S,
    holder: &LeaseHolder,
) -> Result<u64, StoreError>
where
    S: Session,
    String: Bind<S::Sql>,
{
    let query =
        sqlx::query("UPDATE jobs SET state = 'queued' WHERE state = 'running' AND holder = $1")
            .bind(holder.as_str().to_owned());
    session.execute("queueing running jobs again", query).await
}
