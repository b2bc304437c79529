//! Jobs of a store: their starts, leases, and ends.

use std::time::Duration;

use uuid::Uuid;

use super::enqueue::converted;
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::jobs::job::{JobStatus, StartedJob, WaitingJob};
use crate::jobs::lease::{LEASE, LeaseHolder};
use crate::jobs::packed::PackedRequest;
use crate::store::Store;
use crate::writer::operation::Operation;

impl Store {
    /// How long a job that was started is reserved for the server that started it.
    pub const LEASE: Duration = LEASE;

    /// The status of a job; `None` when there is none with this id, or its explanation was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        self.database.job(&self.tenant, id).await
    }

    /// Starts the first job in the order of arrival that is queued, or whose lease has ended. It runs until its
    /// explanation is appended, or it is failed or put back. This store holds it for [`Store::LEASE`], and for as long
    /// again with each [`Store::renew_lease`].
    ///
    /// # Errors
    /// As all that writes.
    pub async fn next_job(&self) -> Result<Option<WaitingJob>, StoreError> {
        loop {
            let started = self.queue.write(StartJob(self.holder.clone()), 0).await?;
            let Some(StartedJob {
                id,
                tenant,
                attempts,
                admitted,
            }) = started
            else {
                return Ok(None);
            };
            match self.database.request(id).await {
                Ok(Some(stored)) => {
                    let length = stored.len();
                    let unpacked = converted(length, move || PackedRequest::unpack(stored)).await?;
                    let request = unpacked.unwrap_or_else(|error| {
                        tracing::error!(job = %id, %error, "the request of a job is damaged");
                        // No request is empty: the job fails.
                        Vec::new()
                    });
                    return Ok(Some(WaitingJob {
                        id,
                        tenant,
                        request,
                        attempts,
                        admitted,
                    }));
                }
                // It was erased, or another server recorded it.
                Ok(None) => {}
                Err(error) => {
                    // When this fails too, the lease ends.
                    let _ = self.put_back(id).await;
                    return Err(error);
                }
            }
        }
    }

    /// Reserves a running job for another [`Store::LEASE`]. `false` when this store does not hold it any more.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn renew_lease(&self, id: Uuid) -> Result<bool, StoreError> {
        let holder = self.holder.clone();
        self.queue.write(RenewLease { id, holder }, 0).await
    }

    /// Ends a running job with a problem, as JSON, and deletes its request. A job that is gone, not running, or held by
    /// another server is unchanged.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn fail_job(&self, id: Uuid, problem: &[u8]) -> Result<(), StoreError> {
        let job = FailJob {
            id,
            holder: self.holder.clone(),
            problem: problem.to_vec(),
        };
        self.queue.write(job, problem.len()).await
    }

    /// Queues a running job again, in its old place. A job that is gone, not running, or held by another server is
    /// unchanged.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn put_back(&self, id: Uuid) -> Result<(), StoreError> {
        let holder = self.holder.clone();
        self.queue.write(PutBack { id, holder }, 0).await
    }

    /// Queues again all running jobs that are held under this store's name, and counts them. At the start these are the
    /// jobs of an earlier process with that name.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn requeue_own_jobs(&self) -> Result<u64, StoreError> {
        self.queue.write(Requeue(self.holder.clone()), 0).await
    }
}

/// Starts a job.
struct StartJob(LeaseHolder);

impl Operation for StartJob {
    type Outcome = Option<StartedJob>;

    async fn run(
        &mut self,
        transaction: &mut dyn Transaction,
    ) -> Result<Option<StartedJob>, StoreError> {
        transaction.start_job(&self.0).await
    }
}

/// Extends the lease of a running job.
struct RenewLease {
    id: Uuid,
    holder: LeaseHolder,
}

impl Operation for RenewLease {
    type Outcome = bool;

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
        transaction.renew_lease(self.id, &self.holder).await
    }
}

/// Ends a running job without an explanation.
struct FailJob {
    id: Uuid,
    holder: LeaseHolder,
    problem: Vec<u8>,
}

impl Operation for FailJob {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        transaction
            .fail_job(self.id, &self.holder, &self.problem)
            .await
    }
}

/// Queues a running job again.
struct PutBack {
    id: Uuid,
    holder: LeaseHolder,
}

impl Operation for PutBack {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        transaction.put_back(self.id, &self.holder).await
    }
}

/// Queues all running jobs of a holder again.
struct Requeue(LeaseHolder);

impl Operation for Requeue {
    type Outcome = u64;

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<u64, StoreError> {
        transaction.requeue_jobs(&self.0).await
    }
}
