//! Interface of a database for jobs.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use super::caller::JobCaller;
use super::job::{JobStatus, QueuedJob, StartedJob, Waiting};
use super::lease::LeaseHolder;
use crate::error::StoreError;

/// Jobs outside of a transaction.
#[async_trait]
pub(crate) trait JobReader: Send + Sync {
    /// The status of a job.
    async fn job(&self, tenant: &Tenant, id: Uuid) -> Result<Option<JobStatus>, StoreError>;

    /// The request of a job that runs, of any tenant; empty when it has none, `None` when the job is gone or does not
    /// run.
    async fn request(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Jobs inside a transaction.
#[async_trait]
pub(crate) trait JobTransaction: Send {
    /// What waits in the queue.
    async fn waiting_jobs(&mut self) -> Result<Waiting, StoreError>;

    /// The number of queued jobs of a caller.
    async fn queued_jobs_of(&mut self, caller: JobCaller) -> Result<u64, StoreError>;

    /// Adds a queued job.
    async fn insert_job(
        &mut self,
        job: &QueuedJob,
        tenant: &Tenant,
        created_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Starts the first job in the order of arrival that is queued, or running with a lease that has ended, or ends too
    /// late to be real. Its request is read outside of the transaction: it can be large, and a server that stops while it
    /// reads must not keep the others from writing.
    async fn start_job(&mut self, holder: &LeaseHolder) -> Result<Option<StartedJob>, StoreError>;

    /// Extends the lease of a running job; `false` when the holder does not have it.
    async fn renew_lease(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<bool, StoreError>;

    /// Marks a job as done and deletes its request.
    async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError>;

    /// Marks a running job of the holder as failed and deletes its request; any other job is unchanged.
    async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &LeaseHolder,
        problem: &[u8],
    ) -> Result<(), StoreError>;

    /// Queues a running job of the holder again; any other job is unchanged.
    async fn put_back(&mut self, id: Uuid, holder: &LeaseHolder) -> Result<(), StoreError>;

    /// Queues all running jobs of the holder again, and counts them.
    async fn requeue_jobs(&mut self, holder: &LeaseHolder) -> Result<u64, StoreError>;
}
