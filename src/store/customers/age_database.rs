//! Interface of a database for the age of kept customers, and for what is known of erased ones.

use async_trait::async_trait;

use super::fold_database::Aged;
use crate::error::StoreError;
use crate::retention::database::ChainAge;

/// The age of customers, outside of a transaction. Moments are milliseconds since 1970.
#[async_trait]
pub(crate) trait CustomerAgeReader: Send + Sync {
    /// How many customers were last changed before a moment, and all.
    async fn customers_expired(&self, before: i64) -> Result<ChainAge, StoreError>;

    /// Some of the customers that were last changed before a moment, behind a row.
    async fn unchanged(
        &self,
        before: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Aged>, StoreError>;

    /// How many customers have scorings that are approximate.
    async fn count_approximate(&self) -> Result<u64, StoreError>;
}

/// The age of customers, and erased ones, inside a transaction.
#[async_trait]
pub(crate) trait CustomerAgeTransaction: Send {
    /// Whether a row was last changed before a moment.
    async fn is_unchanged(&mut self, number: i64, before: i64) -> Result<bool, StoreError>;

    /// Notes the digest of an erased customer.
    async fn remember_erased(&mut self, digest: &str, moment: i64) -> Result<(), StoreError>;

    /// Whether a digest was noted.
    async fn is_remembered(&mut self, digest: &str) -> Result<bool, StoreError>;

    /// Forgets a digest: its customer begins anew.
    async fn forget_erased(&mut self, digest: &str) -> Result<(), StoreError>;
}
