//! Interface of a database for records.

use async_trait::async_trait;
use uuid::Uuid;

use super::entry::{Entry, Head};
use super::kept_input::KeptInput;
use super::page::Page;
use super::stored_entry::StoredEntry;
use crate::error::StoreError;

/// Records outside of a transaction.
#[async_trait]
pub(crate) trait RecordReader: Send + Sync {
    /// An explanation's document.
    async fn document(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError>;

    /// An explanation's document and what was kept of its input.
    async fn record(&self, id: Uuid) -> Result<Option<(Vec<u8>, KeptInput)>, StoreError>;

    /// Up to `limit` explanations of a customer, the newest first, of those before an entry's number.
    async fn list(
        &self,
        customer_id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Page, StoreError>;
}

/// The chain inside a transaction.
#[async_trait]
pub(crate) trait RecordTransaction: Send {
    /// The chain's last entry.
    async fn head(&mut self) -> Result<Head, StoreError>;

    /// Adds an entry.
    async fn insert(&mut self, entry: &Entry<'_>) -> Result<(), StoreError>;
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
