//! Database traits: everything that the modules above ask of a database.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::customers::age_database::{CustomerAgeReader, CustomerAgeTransaction};
use crate::customers::database::{CustomerReader, CustomerTransaction};
use crate::customers::fold_database::{FoldReader, FoldTransaction};
use crate::erasures::database::{ErasureReader, ErasureTransaction};
use crate::error::StoreError;
use crate::existing::ExistingTransaction;
use crate::idempotency::database::IdempotencyTransaction;
use crate::jobs::database::{JobReader, JobTransaction};
use crate::lock_name::LockName;
use crate::records::database::{ChainSnapshot, RecordReader, RecordTransaction};
use crate::retention::database::{RetentionReader, RetentionTransaction};

/// An open database.
#[async_trait]
pub(crate) trait Database:
    RecordReader
    + JobReader
    + ErasureReader
    + RetentionReader
    + CustomerReader
    + FoldReader
    + CustomerAgeReader
    + Debug
    + Send
    + Sync
{
    /// Begins a transaction that writes. There is no other one until it ends, but those of [`Self::begin_beside`].
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// How many transactions of [`Self::begin_beside`] may run at once; 0 where one that writes excludes all others anyway.
    fn writers_beside(&self) -> usize;

    /// Begins a transaction that writes beside others, but nothing to the chain, the jobs and the erasures. Of the names it
    /// gets those to itself that no other transaction has, until it ends, and says which; it waits for none.
    async fn begin_beside(
        &self,
        names: &[LockName],
    ) -> Result<(Box<dyn Transaction>, Vec<LockName>), StoreError>;

    /// The chain as it is now, for an audit.
    async fn snapshot(&self) -> Result<Box<dyn ChainSnapshot>, StoreError>;

    /// Removes erased bytes from the journal or the tables; `false` when a reader still keeps them there.
    async fn scrub(&self) -> Result<bool, StoreError>;

    /// Checks that what was acknowledged is still where it was written, while nothing is being written.
    async fn guard(&self) -> Result<(), StoreError>;

    /// Closes all connections.
    async fn close(&self);
}

/// A transaction that writes. Nothing of it remains without a commit.
#[async_trait]
pub(crate) trait Transaction:
    RecordTransaction
    + JobTransaction
    + ErasureTransaction
    + RetentionTransaction
    + ExistingTransaction
    + IdempotencyTransaction
    + CustomerTransaction
    + FoldTransaction
    + CustomerAgeTransaction
    + Send
{
    /// Sends statements that are still batched, so that their errors are known before the commit.
    async fn flush(&mut self) -> Result<(), StoreError>;

    /// Makes the transaction durable. Returns what it leaves for [`Database::scrub`].
    async fn commit(self: Box<Self>) -> Result<Residue, StoreError>;

    /// Undoes the transaction.
    async fn rollback(self: Box<Self>);
}

/// Deleted bytes that a transaction leaves in the journal or the tables, by increasing urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Residue {
    /// No bytes.
    Nothing,
    /// The request of a job that has ended.
    Request,
    /// Erased explanations or jobs.
    Erased,
}
