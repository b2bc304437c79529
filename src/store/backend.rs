//! The databases that can hold the records: everything that the rooms above ask of one. All SQL is below this file.

use jiff::Timestamp;
use uuid::Uuid;

use super::admission::Admission;
use super::draft::KeptInput;
use super::entry::{Entry, Found, Head, Tombstone};
use super::erase::Selection;
use super::error::StoreError;
use super::handle::Page;
use super::jobs::{JobStatus, NewJob, State, WaitingJob};
use super::sqlite::{Sqlite, SqliteSnapshot, SqliteTransaction};

/// A database; a clone is the same one.
#[derive(Debug, Clone)]
pub(super) enum Backend {
    Sqlite(Sqlite),
}

impl Backend {
    /// Opens the database that a URL names; makes it when it is missing, and brings its tables up to date.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        Sqlite::open(url).await.map(Self::Sqlite)
    }

    /// Begins to write. Nobody else writes until the transaction ends.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        let Self::Sqlite(database) = self;
        database.begin().await.map(Transaction::Sqlite)
    }

    /// Everything as it is now, for an audit.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let Self::Sqlite(database) = self;
        database.snapshot().await.map(Snapshot::Sqlite)
    }

    /// The last erasure of a customer.
    pub(super) async fn admit(&self) -> Result<Admission, StoreError> {
        let Self::Sqlite(database) = self;
        database.admit().await
    }

    /// An explanation's document.
    pub(super) async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let Self::Sqlite(database) = self;
        database.document(id).await
    }

    /// An explanation's document and what was kept of its input.
    pub(super) async fn record(
        &self,
        id: Uuid,
    ) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        let Self::Sqlite(database) = self;
        database.record(id).await
    }

    /// A customer's explanations, the newest first.
    pub(super) async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let Self::Sqlite(database) = self;
        database.list(customer_id, before, limit).await
    }

    /// How far a job is.
    pub(super) async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        let Self::Sqlite(database) = self;
        database.job(id).await
    }

    /// Takes what was erased out of the journal too; `false` when a reader still keeps it there.
    pub(super) async fn scrub(&self) -> Result<bool, StoreError> {
        let Self::Sqlite(database) = self;
        database.scrub().await
    }

    pub(super) async fn close(&self) {
        let Self::Sqlite(database) = self;
        database.close().await;
    }
}

/// A transaction that writes. Without a commit nothing of it stays.
pub(super) enum Transaction {
    Sqlite(SqliteTransaction),
}

impl Transaction {
    /// The chain's last entry.
    pub(super) async fn head(&mut self) -> Result<Head, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.head().await
    }

    /// Whether there is an entry with this id.
    pub(super) async fn is_recorded(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.is_recorded(id).await
    }

    /// Adds an entry.
    pub(super) async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.insert(entry).await
    }

    /// The explanations that are selected and not yet erased, the oldest first.
    pub(super) async fn explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.explanations(selection).await
    }

    /// Takes everything from entries but their kind, number and hashes; their jobs go with it.
    pub(super) async fn bury(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.bury(tombstones).await
    }

    /// Notes that a customer is erased, for what is under way.
    pub(super) async fn note_erasure(
        &mut self,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.note_erasure(customer_id, moment).await
    }

    /// Whether a customer, or one who shares the bits by which erasures are noted, was erased after an admission.
    pub(super) async fn is_erased_since(
        &mut self,
        customer_id: &str,
        admitted: Admission,
    ) -> Result<bool, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.is_erased_since(customer_id, admitted).await
    }

    /// How far a job is.
    pub(super) async fn job_state(&mut self, id: Uuid) -> Result<Option<State>, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.job_state(id).await
    }

    /// How many jobs wait.
    pub(super) async fn queued_jobs(&mut self) -> Result<u64, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.queued_jobs().await
    }

    /// Adds a job that waits.
    pub(super) async fn insert_job(
        &mut self,
        job: &NewJob,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.insert_job(job, created_at).await
    }

    /// Lets the job run that has waited longest.
    pub(super) async fn start_job(&mut self) -> Result<Option<WaitingJob>, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.start_job().await
    }

    /// Marks a job as done and takes its request away.
    pub(super) async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.finish_job(id).await
    }

    /// Marks a running job as failed and takes its request away; any other job stays as it is.
    pub(super) async fn fail_job(&mut self, id: Uuid, problem: &[u8]) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.fail_job(id, problem).await
    }

    /// Lets a running job wait again; any other stays as it is.
    pub(super) async fn put_back(&mut self, id: Uuid) -> Result<(), StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.put_back(id).await
    }

    /// Lets all running jobs wait again, and counts them.
    pub(super) async fn requeue_running_jobs(&mut self) -> Result<u64, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.requeue_running_jobs().await
    }

    /// Removes the selected jobs that had become no explanation, and counts them.
    pub(super) async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.remove_jobs(selection).await
    }

    /// Makes it durable. Says what it leaves in the journal.
    pub(super) async fn commit(self) -> Result<Residue, StoreError> {
        let Self::Sqlite(transaction) = self;
        transaction.commit().await
    }

    /// Undoes everything.
    pub(super) async fn rollback(self) {
        let Self::Sqlite(transaction) = self;
        transaction.rollback().await;
    }
}

/// What a transaction leaves in the journal that must not stay there; the later ones weigh more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Residue {
    /// Nothing.
    Nothing,
    /// The request of a job that has ended.
    Request,
    /// What was erased.
    Erased,
}

/// The chain at one moment, whatever is written meanwhile.
pub(super) enum Snapshot {
    Sqlite(SqliteSnapshot),
}

impl Snapshot {
    /// The chain in a database that is only read, and that nobody need have opened. Nothing is made or brought up to
    /// date.
    pub(super) async fn of(url: &str) -> Result<Self, StoreError> {
        SqliteSnapshot::of(url).await.map(Self::Sqlite)
    }

    /// How many entries there are.
    pub(super) async fn count(&mut self) -> Result<u64, StoreError> {
        let Self::Sqlite(snapshot) = self;
        snapshot.count().await
    }

    /// The next entries from a number on, in the order of their numbers; none at the end.
    pub(super) async fn entries(&mut self, from: i64) -> Result<Vec<Found>, StoreError> {
        let Self::Sqlite(snapshot) = self;
        snapshot.entries(from).await
    }
    /// The lowest number of a document without an entry.
    pub(super) async fn lone_content(&mut self) -> Result<Option<i64>, StoreError> {
        let Self::Sqlite(snapshot) = self;
        snapshot.lone_content().await
    }
}
