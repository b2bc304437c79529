//! Interface of a database for kept customers.

use async_trait::async_trait;
use jiff::Timestamp;
use microseg_access::Tenant;

use super::customer::{CustomerFilter, KeptCustomer, KeptScoring, ListedCustomer, SegmentChange};
use super::transaction::KeptTransaction;
use crate::error::StoreError;

/// A kept customer of a tenant, by the numbers of its row and by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unscored {
    pub(crate) tenant: String,
    pub(crate) customer_id: String,
}

/// Kept customers outside of a transaction.
#[async_trait]
pub(crate) trait CustomerReader: Send + Sync {
    /// A customer of a tenant.
    async fn customer(
        &self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<Option<KeptCustomer>, StoreError>;

    /// Customers of a tenant, in the order of their rows.
    async fn customers(
        &self,
        tenant: &Tenant,
        filter: &CustomerFilter,
        limit: usize,
    ) -> Result<Vec<ListedCustomer>, StoreError>;

    /// The changes of the micro-segment of a row behind one of them.
    async fn segment_changes(
        &self,
        number: i64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<SegmentChange>, StoreError>;

    /// Some of the customers whose scoring is missing or of an earlier position, or where a bundle is given of another one,
    /// behind a row.
    async fn unscored(
        &self,
        bundle_sha256: Option<&str>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Unscored)>, StoreError>;
}

/// Changes of a row of a customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    /// Transactions with a new id.
    pub(crate) added: u64,
    /// By how many bytes all of them have grown.
    pub(crate) bytes: i64,
    /// The oldest moment of those that were added or corrected, in milliseconds since 1970.
    pub(crate) oldest: Option<i64>,
    /// Those that came too late to be kept.
    pub(crate) late: u64,
    /// The oldest moment of those, in milliseconds since 1970.
    pub(crate) oldest_late: Option<i64>,
}

/// Kept customers inside a transaction.
#[async_trait]
pub(crate) trait CustomerTransaction: Send {
    /// A customer of a tenant, without its scoring.
    async fn find_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
    ) -> Result<Option<KeptCustomer>, StoreError>;

    /// Adds a customer that has no transactions yet, and gives the number of its row.
    async fn insert_customer(
        &mut self,
        tenant: &Tenant,
        customer_id: &str,
        settings: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError>;

    /// Those of the ids that transactions of a row have, with their documents.
    async fn kept_under(
        &mut self,
        number: i64,
        ids: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// Keeps transactions of a row, in the place of those with the same ids.
    async fn keep(
        &mut self,
        number: i64,
        transactions: &[&KeptTransaction],
    ) -> Result<(), StoreError>;

    /// Notes that the transactions of a row have changed once more.
    async fn advance(
        &mut self,
        number: i64,
        growth: Growth,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps the scoring of a row, unless it has one of a later position, and notes a change of the micro-segment by one
    /// bundle.
    async fn keep_scoring(
        &mut self,
        number: i64,
        scoring: &KeptScoring,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
