//! Records of a store: appending, reading and auditing.

use microseg_history::Identifier;
use uuid::Uuid;

use crate::database::interface::Transaction;
use crate::database::open::open_snapshot;
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::jobs::job::StoredState;
use crate::location::Location;
use crate::records::audit::Audit;
use crate::records::auditor::audit_chain;
use crate::records::chain::append_entry;
use crate::records::entry::{Kind, Unsealed};
use crate::records::kept_input::KeptInput;
use crate::records::new_record::NewRecord;
use crate::records::page::Page;
use crate::store::Store;
use crate::writer::operation::Operation;

impl Store {
    /// Seals an explanation, appends it to the chain and returns the record's bytes.
    ///
    /// A job with its id that is queued or running becomes done, and its request is deleted.
    ///
    /// # Errors
    /// [`StoreError::InvalidRecord`] when its fields and its document do not agree, [`StoreError::AlreadyRecorded`]
    /// when there is a record with its id, [`StoreError::JobGone`] when it is of a job that is not queued or running
    /// any more, [`StoreError::ErasedMeanwhile`] when its customer was erased after it was admitted.
    pub async fn append(&self, record: NewRecord) -> Result<Vec<u8>, StoreError> {
        record.check()?;
        let size = record.size();
        self.queue.write(Append(record), size).await
    }

    /// An explanation's record, byte for byte as it was appended; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.database.document(id).await
    }

    /// An explanation's record and what was kept of its input; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn record(&self, id: Uuid) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError> {
        self.database.record(id).await
    }

    /// A customer's records, the newest first: up to `limit` of those before an entry's number, whether or not that
    /// entry still exists.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.database.list(customer_id, before, limit).await
    }

    /// Audits the whole chain as it is now, while other tasks go on writing. `anchor` is a record's hash in lower-case
    /// hex that was noted elsewhere and must be in the chain; `progress` is called with the number of entries that are
    /// done, and the number of all.
    ///
    /// # Errors
    /// As all that reads. A broken chain is no error.
    pub async fn audit(
        &self,
        anchor: Option<&str>,
        progress: impl FnMut(u64, u64),
    ) -> Result<Audit, StoreError> {
        audit_chain(self.database.snapshot().await?, anchor, progress).await
    }
}

/// Audits the chain of a database without writing to it: it must exist, and may be in use by a server.
///
/// # Errors
/// [`StoreError::Scheme`], [`StoreError::Parameter`], [`StoreError::Password`], [`StoreError::Missing`],
/// [`StoreError::Foreign`] and [`StoreError::Open`] when there is nothing to audit, [`StoreError::Database`] when it
/// cannot be read. A broken chain is no error.
pub async fn audit(
    location: impl Into<Location>,
    anchor: Option<&str>,
    progress: impl FnMut(u64, u64),
) -> Result<Audit, StoreError> {
    audit_chain(open_snapshot(&location.into()).await?, anchor, progress).await
}

/// Appends an explanation to the chain; its job, if it has one, becomes done.
struct Append(NewRecord);

impl Append {
    fn query(&self) -> ExistingQuery {
        let Self(record) = self;
        ExistingQuery {
            id: record.id,
            customer_id: record.customer_id.as_ref().map(|id| id.as_str().to_owned()),
            admitted: record.admitted,
        }
    }
}

impl Operation for Append {
    type Outcome = Vec<u8>;

    fn existing_query(&self) -> Option<ExistingQuery> {
        Some(self.query())
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<Vec<u8>, StoreError> {
        let existing = transaction.existing(&self.query()).await?;
        if existing.is_recorded {
            return Err(StoreError::AlreadyRecorded);
        }
        let record = &self.0;
        let has_open_job = existing.job.is_some_and(StoredState::is_open);
        if record.of_job && !has_open_job {
            return Err(StoreError::JobGone);
        }
        // For a job this needs no check: it is deleted with its customer.
        if !record.of_job && existing.is_erased {
            return Err(StoreError::ErasedMeanwhile);
        }
        let unsealed = Unsealed {
            kind: Kind::Explanation,
            id: record.id,
            created_at: record.created_at,
            customer_id: record.customer_id.as_ref().map(Identifier::as_str),
            document: &record.document,
            input: Some(&record.input),
        };
        let sealed = append_entry(transaction, &unsealed).await?;
        if has_open_job {
            transaction.finish_job(record.id).await?;
        }
        Ok(sealed)
    }
}
