//! The databases that can hold the records: everything that the rooms above ask of one. All SQL is below this file.

use jiff::Timestamp;
use uuid::Uuid;

use super::admission::Admission;
use super::draft::KeptInput;
use super::entry::{Entry, Found, Head, Tombstone};
use super::erase::Selection;
use super::error::StoreError;
use super::handle::Page;
use super::jobs::{JobStatus, NewJob, WaitingJob};
use super::lease::Holder;
use super::location::Location;
use super::postgres::{self, Postgres, PostgresSnapshot, PostgresTransaction};
use super::sqlite::{Sqlite, SqliteSnapshot, SqliteTransaction};
use super::standing::{Inquiry, Standing};

/// Says the same to whichever database it is.
macro_rules! on {
    ($of:expr, $database:ident => $said:expr) => {
        match $of {
            Self::Sqlite($database) => $said,
            Self::Postgres($database) => $said,
        }
    };
}

/// A database; a clone is the same one.
#[derive(Debug, Clone)]
pub(super) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Backend {
    /// Opens the database that a URL names, and brings its tables up to date. A file that is missing is made.
    pub(super) async fn open(location: &Location) -> Result<Self, StoreError> {
        if postgres::is_meant(&location.url) {
            Postgres::open(location).await.map(Self::Postgres)
        } else {
            Sqlite::open(location).await.map(Self::Sqlite)
        }
    }

    /// Begins to write. Nobody else writes until the transaction ends.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        match self {
            Self::Sqlite(database) => database.begin().await.map(Transaction::Sqlite),
            Self::Postgres(database) => {
                let transaction = database.begin().await?;
                Ok(Transaction::Postgres(Box::new(transaction)))
            }
        }
    }

    /// Everything as it is now, for an audit.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        match self {
            Self::Sqlite(database) => database.snapshot().await.map(Snapshot::Sqlite),
            Self::Postgres(database) => database.snapshot().await.map(Snapshot::Postgres),
        }
    }

    /// The last erasure of a customer.
    pub(super) async fn admit(&self) -> Result<Admission, StoreError> {
        on!(self, database => database.admit().await)
    }

    /// An explanation's document.
    pub(super) async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        on!(self, database => database.document(id).await)
    }

    /// An explanation's document and what was kept of its input.
    pub(super) async fn record(
        &self,
        id: Uuid,
    ) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        on!(self, database => database.record(id).await)
    }

    /// A customer's explanations, the newest first.
    pub(super) async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        on!(self, database => database.list(customer_id, before, limit).await)
    }

    /// How far a job is.
    pub(super) async fn job(&self, id: Uuid) -> Result<Option<JobStatus>, StoreError> {
        on!(self, database => database.job(id).await)
    }

    /// Takes what was erased out of the journal too; `false` when a reader still keeps it there.
    pub(super) async fn scrub(&self) -> Result<bool, StoreError> {
        on!(self, database => database.scrub().await)
    }

    pub(super) async fn close(&self) {
        on!(self, database => database.close().await);
    }
}

/// A transaction that writes. Without a commit nothing of it stays.
pub(super) enum Transaction {
    Sqlite(SqliteTransaction),
    Postgres(Box<PostgresTransaction>),
}

impl Transaction {
    /// The chain's last entry.
    pub(super) async fn head(&mut self) -> Result<Head, StoreError> {
        on!(self, transaction => transaction.head().await)
    }

    /// Asks for the standings that will be asked for first, where one question is better than many.
    pub(super) async fn foresee(&mut self, inquiries: Vec<Inquiry>) -> Result<(), StoreError> {
        match self {
            // Every question is a call into the process itself.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(transaction) => transaction.foresee(inquiries).await,
        }
    }

    /// What is known of an explanation or a job that is to be written.
    pub(super) async fn standing(&mut self, inquiry: &Inquiry) -> Result<Standing, StoreError> {
        on!(self, transaction => transaction.standing(inquiry).await)
    }

    /// Adds an entry.
    pub(super) async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        on!(self, transaction => transaction.insert(entry).await)
    }

    /// The explanations that are selected and not yet erased, the oldest first.
    pub(super) async fn explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError> {
        on!(self, transaction => transaction.explanations(selection).await)
    }

    /// Takes everything from entries but their kind, number and hashes; their jobs go with it.
    pub(super) async fn bury(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError> {
        on!(self, transaction => transaction.bury(tombstones).await)
    }

    /// Notes that a customer is erased, for what is under way.
    pub(super) async fn note_erasure(
        &mut self,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, transaction => transaction.note_erasure(customer_id, moment).await)
    }

    /// How many jobs wait.
    pub(super) async fn queued_jobs(&mut self) -> Result<u64, StoreError> {
        on!(self, transaction => transaction.queued_jobs().await)
    }

    /// Adds a job that waits.
    pub(super) async fn insert_job(
        &mut self,
        job: &NewJob,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, transaction => transaction.insert_job(job, created_at).await)
    }

    /// Lets the job run that has waited longest, or whose lease has ended before.
    pub(super) async fn start_job(
        &mut self,
        holder: &Holder,
    ) -> Result<Option<WaitingJob>, StoreError> {
        on!(self, transaction => transaction.start_job(holder).await)
    }

    /// Puts off the end of a running job's lease; `false` when the holder does not hold it.
    pub(super) async fn renew_lease(
        &mut self,
        id: Uuid,
        holder: &Holder,
    ) -> Result<bool, StoreError> {
        on!(self, transaction => transaction.renew_lease(id, holder).await)
    }

    /// Marks a job as done and takes its request away.
    pub(super) async fn finish_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        on!(self, transaction => transaction.finish_job(id).await)
    }

    /// Marks a running job that somebody holds as failed and takes its request away; any other job stays as it is.
    pub(super) async fn fail_job(
        &mut self,
        id: Uuid,
        holder: &Holder,
        problem: &[u8],
    ) -> Result<(), StoreError> {
        on!(self, transaction => transaction.fail_job(id, holder, problem).await)
    }

    /// Lets a running job that somebody holds wait again; any other stays as it is.
    pub(super) async fn put_back(&mut self, id: Uuid, holder: &Holder) -> Result<(), StoreError> {
        on!(self, transaction => transaction.put_back(id, holder).await)
    }

    /// Lets all running jobs that somebody holds wait again, and counts them.
    pub(super) async fn requeue_jobs(&mut self, holder: &Holder) -> Result<u64, StoreError> {
        on!(self, transaction => transaction.requeue_jobs(holder).await)
    }

    /// Removes the selected jobs that had become no explanation, and counts them.
    pub(super) async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError> {
        on!(self, transaction => transaction.remove_jobs(selection).await)
    }

    /// Sends what was only noted so far, so that its faults are known before the commit.
    pub(super) async fn settle(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(transaction) => transaction.settle().await,
        }
    }

    /// Makes it durable. Says what it leaves in the journal.
    pub(super) async fn commit(self) -> Result<Residue, StoreError> {
        on!(self, transaction => transaction.commit().await)
    }

    /// Undoes everything.
    pub(super) async fn rollback(self) {
        on!(self, transaction => transaction.rollback().await);
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
    Postgres(PostgresSnapshot),
}

impl Snapshot {
    /// The chain in a database that is only read, and that nobody need have opened. Nothing is made or brought up to
    /// date.
    pub(super) async fn of(location: &Location) -> Result<Self, StoreError> {
        if postgres::is_meant(&location.url) {
            PostgresSnapshot::of(location).await.map(Self::Postgres)
        } else {
            SqliteSnapshot::of(location).await.map(Self::Sqlite)
        }
    }

    /// How many entries there are.
    pub(super) async fn count(&mut self) -> Result<u64, StoreError> {
        on!(self, snapshot => snapshot.count().await)
    }

    /// The next entries from a number on, in the order of their numbers; none at the end.
    pub(super) async fn entries(&mut self, from: i64) -> Result<Vec<Found>, StoreError> {
        on!(self, snapshot => snapshot.entries(from).await)
    }
    /// The lowest number of a document without an entry.
    pub(super) async fn lone_content(&mut self) -> Result<Option<i64>, StoreError> {
        on!(self, snapshot => snapshot.lone_content().await)
    }
}
