//! Jobs: explanations that are computed later.

use jiff::Timestamp;
use uuid::Uuid;

use super::admission::Admission;
use super::backend::Transaction;
use super::error::StoreError;
use super::lease::Holder;
use super::standing::Inquiry;
use super::writer::Operation;
use microseg_history::Identifier;

/// A job to queue.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id, and that of the explanation it will become.
    pub id: Uuid,
    /// Whom it is about.
    pub customer_id: Option<Identifier>,
    /// What was asked, as it will be read again.
    pub request: Vec<u8>,
    /// When the request was admitted: the job is not taken when its customer was erased after that.
    pub admitted: Admission,
}

/// A job that was queued and is now running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingJob {
    /// Its id.
    pub id: Uuid,
    /// What was asked.
    pub request: Vec<u8>,
    /// How often it was started, this time included.
    pub attempts: u32,
    /// When it was started this time: for its draft.
    pub admitted: Admission,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStatus {
    /// When it was queued, to the millisecond.
    pub created_at: Timestamp,
    /// How far it is.
    pub state: JobState,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// It waits.
    Queued,
    /// Somebody computes it.
    Running,
    /// Its explanation is in the chain.
    Done,
    /// It cannot be computed.
    Failed {
        /// Why not, as the JSON that was given.
        problem: Vec<u8>,
    },
}

/// The same without what belongs to it, as a database keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Running,
    Done,
    Failed,
}

impl State {
    /// The name in the database.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Reads the name. The database lets no other than these four in.
    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "queued" => Self::Queued,
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Failed,
        }
    }
}

/// Queues a job, unless as many wait already.
pub(super) struct Enqueue {
    pub(super) job: NewJob,
    pub(super) most_waiting: u64,
}

impl Operation for Enqueue {
    type Outcome = ();

    fn inquiry(&self) -> Option<Inquiry> {
        Some(inquiry(&self.job))
    }

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        let standing = transaction.standing(&inquiry(&self.job)).await?;
        if standing.is_recorded || standing.job.is_some() {
            return Err(StoreError::AlreadyRecorded);
        }
        if transaction.queued_jobs().await? >= self.most_waiting {
            return Err(StoreError::Busy);
        }
        if standing.is_erased {
            return Err(StoreError::ErasedMeanwhile);
        }
        transaction.insert_job(&self.job, Timestamp::now()).await
    }
}

fn inquiry(job: &NewJob) -> Inquiry {
    Inquiry {
        id: job.id,
        customer_id: job.customer_id.as_ref().map(|id| id.as_str().to_owned()),
        admitted: job.admitted,
    }
}

/// Starts the job that has waited longest, or was left by a server whose lease has ended.
pub(super) struct StartJob(pub(super) Holder);

impl Operation for StartJob {
    type Outcome = Option<WaitingJob>;

    async fn run(
        &mut self,
        transaction: &mut Transaction,
    ) -> Result<Option<WaitingJob>, StoreError> {
        transaction.start_job(&self.0).await
    }
}

/// Puts off the end of the lease of a running job.
pub(super) struct RenewLease {
    pub(super) id: Uuid,
    pub(super) holder: Holder,
}

impl Operation for RenewLease {
    type Outcome = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, StoreError> {
        transaction.renew_lease(self.id, &self.holder).await
    }
}

/// Ends a running job without an explanation.
pub(super) struct FailJob {
    pub(super) id: Uuid,
    pub(super) holder: Holder,
    pub(super) problem: Vec<u8>,
}

impl Operation for FailJob {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        transaction
            .fail_job(self.id, &self.holder, &self.problem)
            .await
    }
}

/// Queues a running job again.
pub(super) struct PutBack {
    pub(super) id: Uuid,
    pub(super) holder: Holder,
}

impl Operation for PutBack {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        transaction.put_back(self.id, &self.holder).await
    }
}

/// Queues all running jobs of a server again.
pub(super) struct Requeue(pub(super) Holder);

impl Operation for Requeue {
    type Outcome = u64;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<u64, StoreError> {
        transaction.requeue_jobs(&self.0).await
    }
}
