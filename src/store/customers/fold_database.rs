//! Interface of a database for folds.

use async_trait::async_trait;

use super::fold::{KeptContents, NewFold};
use super::transaction::KeptTransaction;
use crate::error::StoreError;

/// A customer with transactions before a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aged {
    pub(crate) number: i64,
    pub(crate) tenant: String,
    pub(crate) customer_id: String,
}

impl Aged {
    /// From the columns of a row.
    pub(crate) fn of((number, tenant, customer_id): (i64, String, String)) -> Self {
        Self {
            number,
            tenant,
            customer_id,
        }
    }
}

/// Folds outside of a transaction.
#[async_trait]
pub(crate) trait FoldReader: Send + Sync {
    /// What is kept under the number of a row, all of one position; `None` for a row that is gone.
    async fn contents(&self, number: i64) -> Result<Option<KeptContents>, StoreError>;

    /// The transactions of a row before a moment, by time and id.
    async fn before(&self, number: i64, moment: i64) -> Result<Vec<KeptTransaction>, StoreError>;

    /// Some of the customers that may have transactions before a moment, behind a row.
    async fn aged(&self, moment: i64, after: i64, limit: usize) -> Result<Vec<Aged>, StoreError>;
}

/// Folds inside a transaction.
#[async_trait]
pub(crate) trait FoldTransaction: Send {
    /// Those of some digests of ids that a row's folded and late transactions have, with whether they were late.
    async fn folded_under(
        &mut self,
        number: i64,
        digests: &[i64],
    ) -> Result<Vec<(i64, bool)>, StoreError>;

    /// Notes the ids of transactions that are kept no longer, or that came too late to be kept.
    async fn note_folded(
        &mut self,
        number: i64,
        digests: &[i64],
        are_late: bool,
    ) -> Result<(), StoreError>;

    /// Puts a fold in the place of the transactions before its moment, whose ids are noted; counts them.
    async fn fold(&mut self, number: i64, new: &NewFold) -> Result<u64, StoreError>;
}
