//! Folds of a store: old transactions leave it, and what a model goes on from takes their place.

use microseg_access::Tenant;

use crate::customers::customer::KeptCustomer;
use crate::customers::fold::{KeptContents, NewFold};
use crate::customers::transaction::KeptTransaction;
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::lock_name::LockName;
use crate::operations::customers::WaitingCustomer;
use crate::store::Store;
use crate::timestamp::milliseconds;
use crate::writer::operation::Operation;

impl Store {
    /// What is kept of a customer; `None` when it was erased meanwhile.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn contents_of(
        &self,
        customer: &KeptCustomer,
    ) -> Result<Option<KeptContents>, StoreError> {
        self.database.contents(customer.number).await
    }

    /// The transactions of a customer before a moment, in milliseconds since 1970, by time and id.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn transactions_before(
        &self,
        customer: &KeptCustomer,
        moment: i64,
    ) -> Result<Vec<KeptTransaction>, StoreError> {
        self.database.before(customer.number, moment).await
    }

    /// Some customers of all tenants that may have transactions before a moment: those behind a number.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn aged_customers(
        &self,
        moment: jiff::Timestamp,
        after: i64,
        limit: usize,
    ) -> Result<Vec<WaitingCustomer>, StoreError> {
        let moment = milliseconds(moment);
        let rows = self.database.aged(moment, after, limit).await?;
        let customers = rows.into_iter().map(|aged| WaitingCustomer {
            number: aged.number,
            tenant: Tenant::stored(&aged.tenant),
            customer_id: aged.customer_id,
        });
        Ok(customers.collect())
    }

    /// How many customers of all tenants have scorings that are approximate.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn count_approximate_customers(&self) -> Result<u64, StoreError> {
        self.database.count_approximate().await
    }

    /// Folds a customer's old transactions, and counts them. Nothing is done, and 0 is the answer, where the customer has
    /// changed since the fold was made.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn fold(&self, customer: &KeptCustomer, new: NewFold) -> Result<u64, StoreError> {
        let size = new.fold.as_ref().map_or(0, |fold| fold.document.len());
        let operation = FoldCustomer {
            number: customer.number,
            customer_id: customer.customer_id.clone(),
            tenant: self.tenant.clone(),
            new,
        };
        self.queue.write(operation, size).await
    }
}

/// Folds a customer's old transactions.
struct FoldCustomer {
    number: i64,
    customer_id: String,
    tenant: Tenant,
    new: NewFold,
}

impl Operation for FoldCustomer {
    type Outcome = u64;

    fn locks(&self) -> Vec<LockName> {
        vec![LockName::of_customer(&self.tenant, &self.customer_id)]
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<u64, StoreError> {
        let found = transaction
            .find_customer(&self.tenant, &self.customer_id)
            .await?;
        let is_same = |found: &KeptCustomer| {
            let made_of = (self.number, self.new.position, self.new.folded);
            (found.number, found.position, found.folded) == made_of
        };
        if !found.as_ref().is_some_and(is_same) {
            return Ok(0);
        }
        transaction.fold(self.number, &self.new).await
    }
}
