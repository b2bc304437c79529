//! Interface of a database for erasures.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use microseg_access::Tenant;

use super::selection::Selection;
use crate::admitted_at::AdmittedAt;
use crate::error::StoreError;
use crate::records::entry::Tombstone;

/// How long the erasure of a customer is kept, for requests that were admitted before it. No request takes longer.
pub(crate) const RETENTION: SignedDuration = SignedDuration::from_hours(24);

/// Erasures outside of a transaction.
#[async_trait]
pub(crate) trait ErasureReader: Send + Sync {
    /// The position of a request that begins now, among the erasures of customers.
    async fn admit(&self) -> Result<AdmittedAt, StoreError>;
}

/// Erasures inside a transaction.
#[async_trait]
pub(crate) trait ErasureTransaction: Send {
    /// Waits for transactions beside this one that write the customer, and keeps others from it until the end.
    async fn lock_customer(&mut self, tenant: &Tenant, customer_id: &str)
    -> Result<(), StoreError>;

    /// Notes that a customer is erased, for the requests that were admitted before, and deletes notes that are older
    /// than [`RETENTION`].
    async fn note_erasure(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
        moment: Timestamp,
    ) -> Result<(), StoreError>;

    /// The selected explanations that are not yet erased, the oldest first.
    async fn select_explanations(
        &mut self,
        selection: &Selection,
    ) -> Result<Vec<Tombstone>, StoreError>;

    /// Removes everything of entries but their kind, number and hashes, and their jobs.
    async fn redact(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError>;

    /// Removes the selected jobs that have no explanation, and counts them.
    async fn remove_jobs(&mut self, selection: &Selection) -> Result<u64, StoreError>;

    /// Removes a kept customer with all that is kept of it, and counts its transactions.
    async fn remove_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<u64, StoreError>;
}
