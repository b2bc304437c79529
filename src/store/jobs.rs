//! Jobs: explanations that are computed later.

use jiff::Timestamp;
use uuid::Uuid;

use super::admission::Admission;
use super::backend::Transaction;
use super::error::StoreError;
use super::writer::Operation;
use crate::history::Identifier;

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

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        let id = self.job.id;
        if transaction.is_recorded(id).await? || transaction.job_state(id).await?.is_some() {
            return Err(StoreError::AlreadyRecorded);
        }
        if transaction.queued_jobs().await? >= self.most_waiting {
            return Err(StoreError::Busy);
        }
        if let Some(customer_id) = &self.job.customer_id
            && transaction
                .is_erased_since(customer_id.as_str(), self.job.admitted)
                .await?
        {
            return Err(StoreError::ErasedMeanwhile);
        }
        transaction.insert_job(&self.job, Timestamp::now()).await
    }
}

/// Starts the job that has waited longest.
pub(super) struct StartJob;

impl Operation for StartJob {
    type Outcome = Option<WaitingJob>;

    async fn run(
        &mut self,
        transaction: &mut Transaction,
    ) -> Result<Option<WaitingJob>, StoreError> {
        transaction.start_job().await
    }
}

/// Ends a running job without an explanation.
pub(super) struct FailJob {
    pub(super) id: Uuid,
    pub(super) problem: Vec<u8>,
}

impl Operation for FailJob {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        transaction.fail_job(self.id, &self.problem).await
    }
}

/// Queues a running job again.
pub(super) struct PutBack(pub(super) Uuid);

impl Operation for PutBack {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        transaction.put_back(self.0).await
    }
}

/// Queues all running jobs again.
pub(super) struct Requeue;

impl Operation for Requeue {
    type Outcome = u64;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<u64, StoreError> {
        transaction.requeue_running_jobs().await
    }
}
