//! Retention of kept customers: those to whom nothing was added for too long are erased, unless a wrong clock may be the reason.

use jiff::Timestamp;
use microseg_access::Tenant;

use crate::customers::erasure::{AppendsAfterErasure, erased_digest};
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::operations::retention::Retained;
use crate::retention::doubt::RetentionPolicy;
use crate::store::Store;
use crate::timestamp::milliseconds;
use crate::writer::operation::Operation;

/// How many customers are asked for at once.
const PAGE: usize = 100;

impl Store {
    /// Erases what is kept of all customers that are too old, and notes the clock; or erases nothing, if a wrong clock may be the
    /// reason. Their explanations stay: these have a retention of their own.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn retain_customers(&self, policy: &RetentionPolicy) -> Result<Retained, StoreError> {
        match self.would_retain_customers(policy).await? {
            Retained::Erased(_) => {
                let erased = self.erase_unchanged_since(policy.before).await?;
                self.note_clock(policy.now, false).await?;
                Ok(Retained::Erased(erased))
            }
            stopped @ Retained::Stopped { .. } => Ok(stopped),
        }
    }

    /// What [`Store::retain_customers`] would do.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn would_retain_customers(
        &self,
        policy: &RetentionPolicy,
    ) -> Result<Retained, StoreError> {
        let before = milliseconds(policy.before);
        let found = self.database.customers_expired(before).await?;
        let doubt = if found.expired == 0 {
            policy.clock_doubt(&found)
        } else {
            policy.doubt(&found)
        };
        Ok(match doubt {
            Some(doubt) => Retained::Stopped {
                expired: found.expired,
                all: found.all,
                doubt,
            },
            None => Retained::Erased(found.expired),
        })
    }

    /// Erases what is kept of all customers that are too old whatever speaks against it, and takes the clock for right: an
    /// operator has confirmed both.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn retain_customers_confirmed(
        &self,
        policy: &RetentionPolicy,
    ) -> Result<u64, StoreError> {
        let erased = self.erase_unchanged_since(policy.before).await?;
        self.note_clock(policy.now, true).await?;
        Ok(erased)
    }

    async fn erase_unchanged_since(&self, before: Timestamp) -> Result<u64, StoreError> {
        let before = milliseconds(before);
        let (mut after, mut erased) = (0, 0);
        loop {
            let customers = self.database.unchanged(before, after, PAGE).await?;
            let Some(last) = customers.last() else {
                return Ok(erased);
            };
            after = last.number;
            for customer in customers {
                let operation = EraseUnchanged {
                    tenant: Tenant::stored(&customer.tenant),
                    customer_id: customer.customer_id,
                    before,
                    remembers: self.after_erasure == AppendsAfterErasure::Refuse,
                };
                erased += u64::from(self.queue.write(operation, 0).await?);
            }
        }
    }
}

/// Erases what is kept of a customer, unless something was added to it meanwhile.
struct EraseUnchanged {
    tenant: Tenant,
    customer_id: String,
    before: i64,
    remembers: bool,
}

impl Operation for EraseUnchanged {
    type Outcome = bool;

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
        let Self {
            tenant,
            customer_id,
            before,
            remembers,
        } = &*self;
        transaction.lock_customer(tenant, customer_id).await?;
        let Some(found) = transaction.find_customer(tenant, customer_id).await? else {
            return Ok(false);
        };
        if !transaction.is_unchanged(found.number, *before).await? {
            return Ok(false);
        }
        transaction.forget_customer(tenant, customer_id).await?;
        transaction.remove_customer(tenant, customer_id).await?;
        if *remembers {
            let digest = erased_digest(tenant, customer_id);
            let now = milliseconds(Timestamp::now());
            transaction.remember_erased(&digest, now).await?;
        }
        Ok(true)
    }
}
