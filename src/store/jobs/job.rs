//! Jobs as their callers see them, and their states.

use jiff::Timestamp;
use microseg_access::Tenant;
use microseg_history::Identifier;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use super::caller::JobCaller;
use super::packed::PackedRequest;
use crate::admitted_at::AdmittedAt;

/// A job to queue.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id, and that of the explanation that it makes.
    pub id: Uuid,
    /// The customer of the explanation.
    pub customer_id: Option<Identifier>,
    /// The request, as it will be read again.
    pub request: Vec<u8>,
    /// When the request was admitted: the job is not queued when its customer was erased after that.
    pub admitted: AdmittedAt,
    /// The caller that is limited to its share of the queue; `None` for one that is not.
    pub caller: Option<JobCaller>,
}

/// How much may wait in the queue of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLimit {
    /// The number of jobs.
    pub jobs: u64,
    /// The bytes of their requests as they are stored. One job may wait, whatever its size.
    pub bytes: u64,
}

impl From<u64> for QueueLimit {
    /// A limit on the number alone.
    fn from(jobs: u64) -> Self {
        Self {
            jobs,
            bytes: u64::MAX,
        }
    }
}

/// What waits in the queue of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) jobs: u64,
    /// The bytes of their requests as they are stored.
    pub(crate) bytes: u64,
}

impl Waiting {
    /// Whether a job whose request has so many bytes may wait too.
    pub(crate) fn admits(self, bytes: usize, limit: QueueLimit) -> bool {
        let bytes = self.bytes.saturating_add(bytes as u64);
        self.jobs < limit.jobs && (self.jobs == 0 || bytes <= limit.bytes)
    }

    /// Counts a job whose request has so many bytes.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.jobs += 1;
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }
}

/// A job to be inserted.
#[derive(Debug, Clone)]
pub(crate) struct QueuedJob {
    pub(crate) id: Uuid,
    pub(crate) customer_id: Option<Identifier>,
    pub(crate) request: PackedRequest,
    pub(crate) admitted: AdmittedAt,
    pub(crate) caller: Option<JobCaller>,
}

/// A job that was queued and is now running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingJob {
    /// Its id.
    pub id: Uuid,
    /// The tenant that it belongs to.
    pub tenant: Tenant,
    /// The request.
    pub request: Vec<u8>,
    /// How often it was started, this time included.
    pub attempts: u32,
    /// When it was started this time: for its record.
    pub admitted: AdmittedAt,
}

/// A job that is now running, without its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartedJob {
    pub(crate) id: Uuid,
    pub(crate) tenant: Tenant,
    /// How often it was started, this time included.
    pub(crate) attempts: u32,
    /// When it was started this time.
    pub(crate) admitted: AdmittedAt,
}

/// The status of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStatus {
    /// When it was queued, to the millisecond.
    pub created_at: Timestamp,
    /// Its state.
    pub state: JobState,
}

/// The state of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// It waits.
    Queued,
    /// A server computes it.
    Running,
    /// Its explanation is in the chain.
    Done,
    /// It cannot be computed.
    Failed {
        /// The reason, as the JSON that was given.
        problem: Vec<u8>,
    },
}

/// The state of a job under its name in the database, without the problem of a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(crate) enum StoredState {
    Queued,
    Running,
    Done,
    Failed,
}

impl StoredState {
    /// Reads a name. The tables admit these four only.
    pub(crate) fn from_name(name: &str) -> Self {
        name.parse().unwrap_or(Self::Failed)
    }

    /// Whether the job is queued or running.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// The state with the problem that belongs to it.
    pub(crate) fn with_problem(self, problem: Option<Vec<u8>>) -> JobState {
        match self {
            Self::Queued => JobState::Queued,
            Self::Running => JobState::Running,
            Self::Done => JobState::Done,
            Self::Failed => JobState::Failed {
                problem: problem.unwrap_or_default(),
            },
        }
    }
}
