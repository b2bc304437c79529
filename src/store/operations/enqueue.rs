//! Queueing of jobs: all that are given together, or none of them.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};

use jiff::Timestamp;
use microseg_access::Tenant;

use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::jobs::job::{NewJob, QueueLimit, QueuedJob};
use crate::jobs::packed::PackedRequest;
use crate::store::Store;
use crate::writer::operation::Operation;

impl Store {
    /// Queues a job, unless as much waits already as may. Its request is compressed.
    ///
    /// # Errors
    /// As [`Store::enqueue_all`].
    pub async fn enqueue(
        &self,
        job: NewJob,
        limit: impl Into<QueueLimit>,
    ) -> Result<(), StoreError> {
        self.enqueue_all(vec![job], limit).await
    }

    /// Queues jobs in their order, all in one transaction or none. Their requests are compressed. Each must be admitted
    /// beside those that wait and those before it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too much would wait, [`StoreError::ShareFull`] when too many of them would be one
    /// caller's, [`StoreError::AlreadyRecorded`] when there is a job or a record with the id of one, and
    /// [`StoreError::ErasedMeanwhile`] when the customer of one was erased after it was admitted.
    pub async fn enqueue_all(
        &self,
        jobs: Vec<NewJob>,
        limit: impl Into<QueueLimit>,
    ) -> Result<(), StoreError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let length = jobs.iter().map(|job| job.request.len()).sum();
        let pack = move || jobs.into_iter().map(packed).collect::<Vec<_>>();
        let jobs = converted(length, pack).await?;
        let size = jobs.iter().map(|job| job.request.as_bytes().len()).sum();
        let enqueue = Enqueue {
            jobs,
            tenant: self.tenant.clone(),
            limit: limit.into(),
        };
        self.queue.write(enqueue, size).await
    }
}

fn packed(job: NewJob) -> QueuedJob {
    QueuedJob {
        id: job.id,
        customer_id: job.customer_id,
        request: PackedRequest::pack(job.request),
        admitted: job.admitted,
        caller: job.caller,
    }
}

/// The most bytes that are compressed on a thread that serves requests.
const CONVERTED_IN_PLACE: usize = 32 * 1024;

/// Compresses or decompresses so many bytes; many of them on a thread of its own.
pub(super) async fn converted<T: Send + 'static>(
    length: usize,
    convert: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    if length <= CONVERTED_IN_PLACE {
        return Ok(convert());
    }
    let converting = tokio::task::spawn_blocking(convert).await;
    // The runtime is ending.
    converting.map_err(|_| StoreError::Closed)
}

/// Queues jobs, unless too much waits already.
struct Enqueue {
    jobs: Vec<QueuedJob>,
    tenant: Tenant,
    limit: QueueLimit,
}

impl Enqueue {
    fn query(&self, job: &QueuedJob) -> ExistingQuery {
        ExistingQuery {
            tenant: self.tenant.clone(),
            id: job.id,
            customer_id: job.customer_id.as_ref().map(|id| id.as_str().to_owned()),
            admitted: job.admitted,
        }
    }

    /// Whether a customer of the jobs was erased after the admission.
    ///
    /// # Errors
    /// [`StoreError::AlreadyRecorded`] when the id of a job is taken.
    async fn look_up(&self, transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
        let queries: Vec<_> = self.jobs.iter().map(|job| self.query(job)).collect();
        // That of a single job is among those of its batch.
        if queries.len() > 1 {
            transaction.prefetch(queries.clone()).await?;
        }
        let mut is_erased = false;
        let mut ids = HashSet::new();
        for query in &queries {
            let is_first = ids.insert(query.id);
            let existing = transaction.existing(query).await?;
            if !is_first || existing.is_recorded || existing.job.is_some() {
                return Err(StoreError::AlreadyRecorded);
            }
            is_erased |= existing.is_erased;
        }
        Ok(is_erased)
    }

    /// Checks that each job may wait beside those that do and those before it.
    async fn check_limits(&self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let mut waiting = transaction.waiting_jobs().await?;
        let mut of_callers = HashMap::new();
        for job in &self.jobs {
            let bytes = job.request.as_bytes().len();
            if !waiting.admits(bytes, self.limit) {
                return Err(StoreError::Busy);
            }
            if let Some(caller) = job.caller {
                let of_caller = match of_callers.entry(caller.number) {
                    Entry::Occupied(counted) => counted.into_mut(),
                    Entry::Vacant(unknown) => {
                        unknown.insert(transaction.queued_jobs_of(caller).await?)
                    }
                };
                if !caller.may_queue(*of_caller, self.limit.jobs - waiting.jobs) {
                    return Err(StoreError::ShareFull);
                }
                *of_caller += 1;
            }
            waiting.add(bytes);
        }
        Ok(())
    }
}

impl Operation for Enqueue {
    type Outcome = ();

    fn existing_query(&self) -> Option<ExistingQuery> {
        match self.jobs.as_slice() {
            [job] => Some(self.query(job)),
            // They are looked up together when it is their turn.
            _ => None,
        }
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let is_erased = self.look_up(transaction).await?;
        self.check_limits(transaction).await?;
        if is_erased {
            return Err(StoreError::ErasedMeanwhile);
        }
        let now = Timestamp::now();
        for job in &self.jobs {
            transaction.insert_job(job, &self.tenant, now).await?;
        }
        Ok(())
    }
}
