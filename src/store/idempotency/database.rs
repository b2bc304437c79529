//! Interface of a database for idempotency.

use async_trait::async_trait;
use microseg_access::Tenant;
use uuid::Uuid;

use super::claim::{KeyedRequest, StoredClaim};
use crate::erasures::selection::Selection;
use crate::error::StoreError;
use crate::records::entry::Tombstone;

/// Claims inside a transaction. Times are in milliseconds since 1970.
#[async_trait]
pub(crate) trait IdempotencyTransaction: Send {
    /// Deletes the claims that were made before a moment.
    async fn expire_claims(&mut self, before: i64) -> Result<(), StoreError>;

    /// The claim of a tenant's key.
    async fn claim_of(
        &mut self,
        tenant: &Tenant,
        request: &KeyedRequest,
    ) -> Result<Option<StoredClaim>, StoreError>;

    /// Adds the claim of a tenant's key, with what was done where that is known already.
    async fn insert_claim(
        &mut self,
        tenant: &Tenant,
        request: &KeyedRequest,
        created_at: i64,
        held_until: i64,
        outcome: Option<&str>,
    ) -> Result<(), StoreError>;

    /// Holds the claim of an explanation or a job until a later moment.
    async fn hold_claim(&mut self, id: Uuid, held_until: i64) -> Result<(), StoreError>;

    /// Deletes the claim of an explanation or a job.
    async fn release_claim(&mut self, id: Uuid) -> Result<(), StoreError>;

    /// Deletes the claims of explanations that are to be erased.
    async fn forget_recorded(&mut self, tombstones: &[Tombstone]) -> Result<(), StoreError>;

    /// Deletes the claims of a customer's requests that are under way, and of its transactions.
    async fn forget_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<(), StoreError>;

    /// Deletes the claims of jobs that are to be erased, and of a customer's requests that are under way.
    async fn forget_selected(&mut self, selection: &Selection) -> Result<(), StoreError>;
}
