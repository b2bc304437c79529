//! Existing rows under the id of an explanation or a job that is to be written.

use async_trait::async_trait;
use microseg_access::Tenant;
use uuid::Uuid;

use super::admitted_at::AdmittedAt;
use super::error::StoreError;
use super::jobs::job::StoredState;

/// A query for what is stored under an id, and for erasures of its customer.
#[derive(Debug, Clone)]
pub(crate) struct ExistingQuery {
    /// The id of the explanation, and of its job.
    pub(crate) id: Uuid,
    /// The tenant of the customer.
    pub(crate) tenant: Tenant,
    /// The customer of the explanation.
    pub(crate) customer_id: Option<String>,
    /// When the explanation was admitted.
    pub(crate) admitted: AdmittedAt,
}

/// The answer to an [`ExistingQuery`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Existing {
    /// Whether the chain has an entry with this id.
    pub(crate) is_recorded: bool,
    /// The state of the job with this id; `None` when there is none.
    pub(crate) job: Option<StoredState>,
    /// Whether the customer, or another one in the same bucket, was erased after the admission.
    pub(crate) is_erased: bool,
}

/// Lookups inside a transaction before something is written.
#[async_trait]
pub(crate) trait ExistingTransaction: Send {
    /// Answers many queries in one round trip, for later calls of [`Self::existing`]. Does nothing where a round trip
    /// costs nothing.
    async fn prefetch(&mut self, queries: Vec<ExistingQuery>) -> Result<(), StoreError>;

    /// Answers one query.
    async fn existing(&mut self, query: &ExistingQuery) -> Result<Existing, StoreError>;
}
