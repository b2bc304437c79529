//! The store as its callers hold it.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::admission::Admission;
use super::append::Append;
use super::audit::Audit;
use super::auditor::walk;
use super::backend::{Backend, Snapshot};
use super::draft::{Draft, KeptInput};
use super::entry::milliseconds;
use super::erase::{Erase, Erased, Selection};
use super::error::StoreError;
use super::jobs::{
    Enqueue, FailJob, JobStatus, NewJob, PutBack, RenewLease, Requeue, StartJob, WaitingJob,
};
use super::lease::{Holder, LEASE};
use super::location::Location;
use super::writer::Queue;

/// Records and jobs in a database. A clone is the same store.
///
/// Every method that writes returns when what it wrote is durable, and does its work even if the caller leaves. Each of
/// them can fail with [`StoreError::Busy`], [`StoreError::Closed`], [`StoreError::Replaced`] or
/// [`StoreError::Database`]; then nothing was kept, or with the last one nobody knows. Those that read fail with
/// [`StoreError::Closed`] and [`StoreError::Database`], and when all connections are taken with [`StoreError::Busy`].
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
    queue: Queue,
    /// Who holds the jobs that it starts.
    holder: Holder,
}

/// A part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub documents: Vec<Vec<u8>>,
    /// What to go on before, when more come after them.
    pub next: Option<u64>,
}

impl Page {
    /// The first `limit` of the rows that a database found; it was asked for one more, which says whether there are more.
    pub(super) fn of_rows(mut rows: Vec<(i64, Vec<u8>)>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().map(|(sequence, _)| sequence.cast_unsigned());
        Self {
            next: last.filter(|_| more),
            documents: rows.into_iter().map(|(_, document)| document).collect(),
        }
    }
}

impl Store {
    /// Opens a store, inside a tokio runtime; makes what is missing: the file of SQLite, and the tables of either
    /// database, but not a database of PostgreSQL.
    ///
    /// The URL is `sqlite://PATH`, relative or absolute (`sqlite:///var/lib/records.db`), `sqlite::memory:`, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE` with the parameters of PostgreSQL's own clients.
    ///
    /// # Errors
    /// [`StoreError::Scheme`] for any other URL, [`StoreError::Password`] for a password where none belongs;
    /// [`StoreError::Missing`], [`StoreError::Open`], [`StoreError::Unsuitable`] and [`StoreError::Migration`] when
    /// there is no database to work with.
    pub async fn open(location: impl Into<Location>) -> Result<Self, StoreError> {
        let location = location.into();
        let backend = Backend::open(&location).await?;
        Ok(Self::on(backend, Holder::new(location.instance)))
    }

    /// A store on a database that is open.
    pub(super) fn on(backend: Backend, holder: Holder) -> Self {
        Self {
            queue: Queue::start(backend.clone()),
            backend,
            holder,
        }
    }

    /// Where a request that comes now stands among the erasures of customers. Ask before its customer is looked at.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn admit(&self) -> Result<Admission, StoreError> {
        self.backend.admit().await
    }

    /// Seals a draft, adds it to the chain and gives back the record's bytes.
    ///
    /// A job with the draft's id that is queued or running is done with that, and its request is deleted.
    ///
    /// # Errors
    /// [`StoreError::Draft`] when its fields and its document do not agree, [`StoreError::AlreadyRecorded`] when there
    /// is a record with its id, [`StoreError::JobGone`] when it is of a job that is not under way any more,
    /// [`StoreError::ErasedMeanwhile`] when its customer was erased after it was admitted.
    pub async fn append(&self, draft: Draft) -> Result<Vec<u8>, StoreError> {
        draft.check()?;
        let size = draft.size();
        self.queue.write(Append(draft), size).await
    }

    /// An explanation's record, byte for byte as it was appended; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.backend.document(id).await
    }

    /// An explanation's record and what was kept of its input; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn record(&self, id: Uuid) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        self.backend.record(id).await
    }

    /// A customer's records, the newest first: up to `limit` of those before an entry's number, whether or not that
    /// entry is still there.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.backend.list(customer_id, before, limit).await
    }

    /// Erases an explanation, or the job that was to make it. Says whether there was one.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase(&self, id: Uuid) -> Result<bool, StoreError> {
        let erased = self.erase_selected(Selection::Explanation(id)).await?;
        Ok(erased != Erased::default())
    }

    /// Erases all explanations and jobs of a customer, or none of them when it fails.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase_customer(&self, customer_id: &str) -> Result<Erased, StoreError> {
        self.erase_selected(Selection::Customer(customer_id.to_owned()))
            .await
    }

    /// Erases all explanations that were made before a moment, and all jobs queued before it that became none. Counts
    /// the explanations. They go in slices of 500, with other work between; an error stops it between two slices.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase_older_than(&self, moment: Timestamp) -> Result<u64, StoreError> {
        let mut explanations = 0;
        loop {
            let slice = Selection::OlderThan(milliseconds(moment));
            match self.erase_selected(slice).await?.explanations {
                0 => return Ok(explanations),
                erased => explanations += erased,
            }
        }
    }

    async fn erase_selected(&self, selection: Selection) -> Result<Erased, StoreError> {
        self.queue.write(Erase(selection), 0).await
    }

    /// Walks the whole chain as it is now, while others go on writing. `anchor` is a record's hash in lower-case hex
    /// that was noted elsewhere and must be in the chain; `progress` hears how many entries are done, and of how many.
    ///
    /// # Errors
    /// As all that reads. A broken chain is no error.
    pub async fn audit(
        &self,
        anchor: Option<&str>,
        progress: impl FnMut(u64, u64),
    ) -> Result<Audit, StoreError> {
        walk(self.backend.snapshot().await?, anchor, progress).await
    }

    /// Queues a job, unless `most_waiting` wait already.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when they do, [`StoreError::AlreadyRecorded`] when there is a job or a record with its id,
    /// [`StoreError::ErasedMeanwhile`] when its customer was erased after it was admitted.
    pub async fn enqueue(&self, job: NewJob, most_waiting: u64) -> Result<(), StoreError> {
        let size = job.request.len();
        self.queue.write(Enqueue { job, most_waiting }, size).await
    }

    /// How far a job is; `None` when there is none with this id, or its explanation was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        self.backend.job(id).await
    }

    /// Starts the job that has waited longest, one that was left by a server included. It runs until its explanation is
    /// appended, or it is failed or put back; and it is this store's for [`Store::LEASE`], and for as long again with each
    /// [`Store::renew_lease`].
    ///
    /// # Errors
    /// As all that writes.
    pub async fn next_job(&self) -> Result<Option<WaitingJob>, StoreError> {
        self.queue.write(StartJob(self.holder.clone()), 0).await
    }

    /// How long a job that was started is left to who started it.
    pub const LEASE: Duration = LEASE;

    /// Keeps a running job from other servers for another [`Store::LEASE`]. `false` when it is not this store's any more.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn renew_lease(&self, id: Uuid) -> Result<bool, StoreError> {
        let holder = self.holder.clone();
        self.queue.write(RenewLease { id, holder }, 0).await
    }

    /// Ends a running job with a problem, as JSON, and deletes its request. A job that is gone, not running, or another
    /// server's by now is left as it is.
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

    /// Queues a running job again, in its old place. A job that is gone, not running, or another server's by now is left
    /// as it is.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn put_back(&self, id: Uuid) -> Result<(), StoreError> {
        let holder = self.holder.clone();
        self.queue.write(PutBack { id, holder }, 0).await
    }

    /// Queues again all running jobs that are held under this store's name, and counts them: at the start, for those that
    /// a dead process of that name left behind.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn requeue_own_jobs(&self) -> Result<u64, StoreError> {
        self.queue.write(Requeue(self.holder.clone()), 0).await
    }

    /// Finishes what waits to be written, leaves the jobs that it holds to others, and closes the database, for all
    /// clones.
    pub async fn close(&self) {
        // Without it they wait for the end of their leases, which is no loss.
        let _ = self.requeue_own_jobs().await;
        self.queue.close().await;
    }
}

/// Audits the chain of a database that is only read: it may be in use by a server, and must be there.
///
/// # Errors
/// [`StoreError::Scheme`], [`StoreError::Password`], [`StoreError::Missing`], [`StoreError::Foreign`] and
/// [`StoreError::Open`] when there is nothing to audit, [`StoreError::Database`] when it cannot be read. A broken chain is no error.
pub async fn audit(
    location: impl Into<Location>,
    anchor: Option<&str>,
    progress: impl FnMut(u64, u64),
) -> Result<Audit, StoreError> {
    walk(Snapshot::of(&location.into()).await?, anchor, progress).await
}
