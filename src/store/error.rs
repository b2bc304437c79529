//! Errors of the store.

use std::sync::Arc;

use microseg_problem::{Problem, ProblemKind};
use sqlx::migrate::MigrateError;

use crate::fault::Broken;

/// An error of the store. No text names a customer or repeats a URL.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that this program can use.
    #[error(
        "expected sqlite://PATH, postgres://USER@HOST/DATABASE, or sqlite::memory: for a store that ends with the \
         process"
    )]
    Scheme,
    /// The URL has a parameter that this program does not know.
    #[error(
        "a parameter of the URL is not known; postgres:// takes application_name, dbname, host, options, password, \
         port, sslcert, sslkey, sslmode, sslrootcert and user"
    )]
    Parameter,
    /// A password is given for a database that has none.
    #[error("{database}: a password is for PostgreSQL alone")]
    Password {
        /// Where the database is.
        database: String,
    },
    /// The database exists, and cannot hold records as it is set up.
    #[error("{database}: {reason}")]
    Unsuitable {
        /// Where the database is.
        database: String,
        /// What has to be different.
        reason: &'static str,
    },
    /// The database does not exist.
    #[error("{database}: there is no database")]
    Missing {
        /// Where the database is.
        database: String,
    },
    /// The database is to be read, and holds no records of this program.
    #[error("{database}: this database holds no records of microseg")]
    Foreign {
        /// Where the database is.
        database: String,
    },
    /// The database cannot be opened.
    #[error("{database}: {source}")]
    Open {
        /// Where the database is.
        database: String,
        /// The database's error.
        source: Arc<sqlx::Error>,
    },
    /// The database's tables cannot be migrated to this program's version, as when a newer program has migrated them.
    #[error("{database}: {source}")]
    Migration {
        /// Where the database is.
        database: String,
        /// What is wrong with the tables.
        source: Arc<MigrateError>,
    },
    /// Too much waits to be written, or as many jobs wait as may.
    #[error("too much is waiting")]
    Busy,
    /// The caller of a job has its share of the queue already.
    #[error("the caller has its share of the queue of jobs")]
    ShareFull,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// There is a record or a job with this id already.
    #[error("there is a record or a job with this id already")]
    AlreadyRecorded,
    /// The job of this explanation no longer exists, or is no longer queued or running: as when its customer was
    /// erased.
    #[error("the job is gone")]
    JobGone,
    /// The customer, or another one in the same bucket, was erased after the request was admitted. A request that is
    /// admitted now is accepted.
    #[error("the customer was erased meanwhile")]
    ErasedMeanwhile,
    /// The customer's earlier transactions have another time zone or currency.
    #[error("the customer's transactions have other settings")]
    OtherSettings,
    /// As many transactions are kept of the customer as may be.
    #[error("{most} transactions are kept of the customer")]
    CustomerFull {
        /// The most.
        most: u64,
    },
    /// Transactions with these ids were kept once, and are now part of what stands for the customer's older ones: they can
    /// neither be corrected nor be compared.
    #[error("{} transactions are no longer kept", places.len())]
    Folded {
        /// Their places in the request, from 0.
        places: Vec<usize>,
    },
    /// The customer was erased, and what comes later for it is refused.
    #[error("the customer was erased")]
    CustomerErased,
    /// Another request had the key of this one.
    #[error("another request had this key")]
    KeyReused,
    /// The document cannot become a record; the caller's fault.
    #[error("the document cannot become a record: {0}")]
    InvalidRecord(&'static str),
    /// The record does not match its hashes or its columns: it was altered after it was recorded. It is not served.
    #[error("entry {} of the chain was altered: {}", .0.sequence, .0.fault)]
    Altered(Broken),
    /// A file of the database is no longer the one that was opened: it was deleted, moved or replaced. Nothing is written.
    #[error("{database}: the file was deleted or replaced after it was opened")]
    Replaced {
        /// Where the database is.
        database: String,
    },
    /// A file of the database is shorter than it was: it was cut after it was opened. Nothing is written.
    #[error("{database}: the file was cut after it was opened")]
    Cut {
        /// Where the file is.
        database: String,
    },
    /// The database lacks an entry of the chain that was acknowledged: it was deleted, cut, or replaced by an older one.
    #[error(
        "{database}: entry {sequence} of the chain, with the hash {sha256}, is missing: the database was deleted, cut, or \
         replaced by an older one; if that is intended, as after a restore, delete {anchor}"
    )]
    ChainLost {
        /// Where the database is.
        database: String,
        /// The file that names the entry.
        anchor: String,
        /// The entry's number.
        sequence: u64,
        /// The entry's hash, in lower-case hex.
        sha256: String,
    },
    /// The database failed. Nothing of the operation was kept, unless the commit failed: then that is unknown, and the
    /// operation may have taken effect after a crash.
    #[error("{doing}: {source}")]
    Database {
        /// The statement that failed.
        doing: &'static str,
        /// The database's error.
        source: Arc<sqlx::Error>,
    },
}

impl StoreError {
    /// Whether an operation was refused before it wrote anything, so that its transaction can go on.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::ShareFull
                | Self::AlreadyRecorded
                | Self::JobGone
                | Self::ErasedMeanwhile
                | Self::OtherSettings
                | Self::CustomerFull { .. }
                | Self::CustomerErased
                | Self::KeyReused
                | Self::Folded { .. }
        )
    }
}

/// Maps an error of a database to one that names the statement that failed.
pub(crate) fn while_doing(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match error {
        sqlx::Error::PoolClosed => StoreError::Closed,
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        error => StoreError::Database {
            doing,
            source: Arc::new(error),
        },
    }
}

/// What the sender of an old transaction is told.
pub const NO_LONGER_KEPT: &str = "a transaction with this id is part of the customer's sums and no longer kept by itself \
    (the setting keep_transactions): it cannot be corrected, and it counts already";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(ProblemKind::Busy, "too much is waiting already"),
            StoreError::ShareFull => Self::new(
                ProblemKind::ShareFull,
                "this caller has its share of the jobs that wait",
            ),
            StoreError::ErasedMeanwhile => Self::new(
                ProblemKind::ErasedMeanwhile,
                "the customer was erased while this was computed; nothing was recorded",
            ),
            StoreError::OtherSettings => Self::new(
                ProblemKind::InvalidContent,
                "the customer's earlier transactions have another time zone, currency or treatment of unknown classes: send \
                 the same settings, or erase the customer and begin anew",
            ),
            StoreError::CustomerFull { most } => Self::new(
                ProblemKind::InvalidContent,
                format!(
                    "of one customer at most {most} transactions are kept, the limit max_transactions"
                ),
            ),
            StoreError::Folded { places } => Self::at(
                ProblemKind::InvalidContent,
                format!("/transactions/{}/id", places.first().unwrap_or(&0)),
                NO_LONGER_KEPT,
            ),
            StoreError::CustomerErased => Self::new(
                ProblemKind::CustomerErased,
                "the customer was erased, and nothing is kept of it any more (the setting appends_after_erasure)",
            ),
            StoreError::KeyReused => Self::new(
                ProblemKind::KeyReused,
                "another request, or another query or body, was sent with this idempotency-key",
            ),
            StoreError::InvalidRecord(_) | StoreError::AlreadyRecorded => Self::new(
                ProblemKind::Internal,
                "the explanation could not be recorded",
            ),
            StoreError::Altered(_) => Self::new(
                ProblemKind::RecordAltered,
                "the record does not match its hash, so it is not served; `microseg audit` says more",
            ),
            // The details are for the log.
            _ => Self::new(
                ProblemKind::StoreUnavailable,
                "the records cannot be reached, so nothing is acknowledged",
            ),
        }
    }
}
