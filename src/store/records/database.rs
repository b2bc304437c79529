//! Interface of a database for records.

use async_trait::async_trait;
use microseg_access::Tenant;
use uuid::Uuid;

use super::entry::{Entry, Head};
use super::page::ListedRow;
use super::stored_entry::{StoredEntry, StoredRecord};
use crate::error::StoreError;

/// Records outside of a transaction.
#[async_trait]
pub(crate) trait RecordReader: Send + Sync {
    /// The entry with an id, if it is the tenant's or has lost its content, and what was kept of its input.
    async fn record(&self, tenant: &Tenant, id: Uuid) -> Result<Option<StoredRecord>, StoreError>;

    /// The entry with a number, of any tenant.
    async fn entry(&self, sequence: i64) -> Result<Option<StoredEntry>, StoreError>;

    /// Up to `limit` explanations of a tenant's customer, the newest first, of those before an entry's number; without
    /// their documents.
    async fn list(
        &self,
        tenant: &Tenant,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ListedRow>, StoreError>;

    /// The numbers of up to `limit` explanations without a summary, after a number.
    async fn unsummarized(&self, after: i64, limit: i64) -> Result<Vec<i64>, StoreError>;

    /// The chain's last entry.
    async fn last_entry(&self) -> Result<Head, StoreError>;
}

/// The chain inside a transaction.
#[async_trait]
pub(crate) trait RecordTransaction: Send {
    /// The chain's last entry.
    async fn head(&mut self) -> Result<Head, StoreError>;

    /// Adds an entry.
    async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError>;

    /// Gives an explanation its summary, unless it has one or was erased meanwhile.
    async fn set_summary(&mut self, sequence: i64, summary: &str) -> Result<(), StoreError>;
}

/// The whole chain at one moment, whatever is written meanwhile.
#[async_trait]
pub(crate) trait ChainSnapshot: Send {
    /// The number of entries.
    async fn count(&mut self) -> Result<u64, StoreError>;

    /// The next entries from a number on, in the order of their numbers; none at the end.
    async fn entries(&mut self, from: i64) -> Result<Vec<StoredEntry>, StoreError>;

    /// The lowest number of a document without an entry.
    async fn orphaned_content(&mut self) -> Result<Option<i64>, StoreError>;
}
