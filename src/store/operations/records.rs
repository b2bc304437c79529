//! Records of a store: appending, reading and auditing.

use microseg_access::Tenant;
use microseg_history::Identifier;
use uuid::Uuid;

use crate::database::interface::Transaction;
use crate::database::open::{noted_anchor, open_snapshot};
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::fault::{Broken, Fault};
use crate::jobs::job::StoredState;
use crate::location::Location;
use crate::records::audit::{Anchor, Audit};
use crate::records::auditor::audit_chain;
use crate::records::chain::append_entry;
use crate::records::check::check_record;
use crate::records::document_fields::DocumentFields;
use crate::records::entry::{ChainHead, Kind, Unsealed};
use crate::records::new_record::NewRecord;
use crate::records::page::{ListedSummary, Page, cut_to_page};
use crate::records::stored_entry::{RecordWithInput, StoredEntry, StoredRecord};
use crate::records::summary::RecordSummary;
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
        let summary = RecordSummary::of_document(&record.document);
        let append = Append {
            record,
            tenant: self.tenant.clone(),
            summary: summary.and_then(|summary| summary.write()),
        };
        self.queue.write(append, size).await
    }

    /// An explanation's record, byte for byte as it was appended; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// [`StoreError::Altered`] when it does not match its hashes or its columns; else as all that reads.
    pub async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(StoredRecord { entry, .. }) = self.explanation(id).await? else {
            return Ok(None);
        };
        let (entry, checked) = checked(entry).await?;
        checked.map_err(|fault| StoreError::Altered(broken(&entry, fault)))?;
        Ok(entry.content.map(|content| content.document))
    }

    /// An explanation's record and what was kept of its input, to be verified, altered or not; `None` when there is
    /// none or it was erased.
    ///
    /// # Errors
    /// [`StoreError::Altered`] when its document is missing; else as all that reads.
    pub async fn record(&self, id: Uuid) -> Result<Option<RecordWithInput>, StoreError> {
        let Some(StoredRecord { entry, input }) = self.explanation(id).await? else {
            return Ok(None);
        };
        let (entry, checked) = checked(entry).await?;
        let altered = checked.err().map(|fault| broken(&entry, fault));
        let Some(content) = entry.content else {
            return Err(StoreError::Altered(broken(&entry, Fault::Missing)));
        };
        Ok(Some(RecordWithInput {
            document: content.document,
            input,
            altered,
        }))
    }

    /// The entry of an explanation. An erasure is none.
    async fn explanation(&self, id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        let found = self.database.record(&self.tenant, id).await?;
        Ok(found.filter(|record| {
            let content = record.entry.content.as_ref();
            let document = content.map(|content| content.document.as_slice());
            !(record.entry.kind == Kind::Erasure.into_str()
                && document
                    .and_then(DocumentFields::read)
                    .is_some_and(|fields| fields.is_erasure()))
        }))
    }

    /// A customer's records without their documents, the newest first: up to `limit` of those before an entry's number,
    /// whether or not that entry still exists. A record that cannot be read is told in its place.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        // One more tells whether another page follows.
        let asked = limit.saturating_add(1);
        let listing = self.database.list(&self.tenant, customer_id, before, asked);
        let mut rows = listing.await?;
        let next = cut_to_page(&mut rows, limit);
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let summary = match &row.summary {
                ListedSummary::Text(text) => RecordSummary::read(text),
                ListedSummary::Absent => self.summary_of(row.sequence).await?,
                ListedSummary::Unreadable => None,
            };
            records.push(row.with_summary(summary));
        }
        Ok(Page { records, next })
    }

    /// The summary of an entry's document, which matches its hash; `None` when it has none. Only one document is in
    /// memory.
    async fn summary_of(&self, sequence: i64) -> Result<Option<RecordSummary>, StoreError> {
        let entry = match self.database.entry(sequence).await {
            Ok(Some(entry)) => entry,
            // A database's error is the fault of one record, as of a damaged page; others can be read.
            Ok(None) | Err(StoreError::Database { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (entry, checked) = checked(entry).await?;
        let content = entry.content.filter(|_| checked.is_ok());
        Ok(content.and_then(|content| RecordSummary::of_document(&content.document)))
    }

    /// Gives a summary to the explanations of version 0.1, which have none; counts them. To be run once beside a server:
    /// without it their lists read one document after the other.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn fill_summaries(&self) -> Result<u64, StoreError> {
        let (mut after, mut filled) = (0, 0);
        loop {
            let numbers = self.database.unsummarized(after, FILLED_AT_ONCE).await?;
            let Some(&last) = numbers.last() else {
                return Ok(filled);
            };
            let mut summaries = Vec::new();
            for sequence in numbers {
                let summary = self.summary_of(sequence).await?;
                summaries.extend(
                    summary
                        .and_then(|summary| summary.write())
                        .map(|text| (sequence, text)),
                );
            }
            filled += summaries.len() as u64;
            if !summaries.is_empty() {
                self.queue.write(Summarize(summaries), 0).await?;
            }
            after = last;
        }
    }

    /// The number and the hash of the chain's last entry; `None` when it has none.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn head(&self) -> Result<Option<ChainHead>, StoreError> {
        let head = self.database.last_entry().await?;
        Ok((head.sequence > 0).then_some(ChainHead {
            sequence: head.sequence,
            record_sha256: head.sha256,
        }))
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

/// Audits the chain of a database without writing to it: it must exist, and may be in use by a server. Without an anchor,
/// the one that a server has noted beside a file of SQLite must be in the chain.
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
    let location = location.into();
    // First: what is added meanwhile is in the chain too.
    let noted = noted_anchor(&location)?.filter(|_| anchor.is_none());
    let snapshot = open_snapshot(&location).await?;
    let mut audit = audit_chain(snapshot, anchor.or(noted.as_deref()), progress).await?;
    if let (Some(_), Anchor::Here { .. }) = (noted, audit.anchor) {
        audit.anchor = Anchor::NotGiven;
    }
    Ok(audit)
}

/// The largest document that is hashed on a thread that serves requests, in bytes: a fraction of a millisecond.
const HASHED_IN_PLACE: usize = 32 * 1024;

/// How many explanations of version 0.1 get their summaries in one transaction.
const FILLED_AT_ONCE: i64 = 32;

/// Checks an entry that is to be read; a long document on a thread of its own.
async fn checked(entry: StoredEntry) -> Result<(StoredEntry, Result<(), Fault>), StoreError> {
    let content = entry.content.as_ref();
    let length = content.map_or(0, |content| content.document.len());
    let check = move || {
        let checked = check_record(&entry).map(|_| ());
        (entry, checked)
    };
    if length <= HASHED_IN_PLACE {
        return Ok(check());
    }
    let checking = tokio::task::spawn_blocking(check).await;
    // The runtime is ending.
    checking.map_err(|_| StoreError::Closed)
}

/// The place of a fault that was found when an entry was read.
fn broken(entry: &StoredEntry, fault: Fault) -> Broken {
    Broken {
        sequence: entry.sequence.cast_unsigned(),
        fault,
    }
}

/// Gives explanations their summaries, as pairs of number and text.
struct Summarize(Vec<(i64, String)>);

impl Operation for Summarize {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        for (sequence, summary) in &self.0 {
            transaction.set_summary(*sequence, summary).await?;
        }
        Ok(())
    }
}

/// Appends an explanation to the chain; its job, if it has one, becomes done.
struct Append {
    record: NewRecord,
    tenant: Tenant,
    /// The text of its summary.
    summary: Option<String>,
}

impl Append {
    fn query(&self) -> ExistingQuery {
        let Self { record, tenant, .. } = self;
        ExistingQuery {
            tenant: tenant.clone(),
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
        let Self {
            record,
            tenant,
            summary,
        } = &*self;
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
            tenant,
            id: record.id,
            created_at: record.created_at,
            customer_id: record.customer_id.as_ref().map(Identifier::as_str),
            document: &record.document,
            input: Some(&record.input),
            summary: summary.as_deref(),
        };
        let sealed = append_entry(transaction, &unsealed).await?;
        if has_open_job {
            transaction.finish_job(record.id).await?;
        }
        Ok(sealed)
    }
}
