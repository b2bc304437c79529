//! Retention of a store: what is too old is erased, unless a wrong clock may be the reason.

use jiff::Timestamp;

use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::retention::doubt::{RetentionDoubt, RetentionPolicy};
use crate::store::Store;
use crate::timestamp::milliseconds;
use crate::writer::operation::Operation;

/// What retention has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retained {
    /// So many explanations were erased.
    Erased(u64),
    /// Nothing was erased, until an operator confirms.
    Stopped {
        /// The explanations that are too old.
        expired: u64,
        /// All that are not erased.
        all: u64,
        /// The reason.
        doubt: RetentionDoubt,
    },
}

impl Store {
    /// Erases all explanations that are too old, and all jobs queued before that moment that have none, and notes the
    /// clock; or erases nothing, if a wrong clock may be the reason.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn retain(&self, policy: &RetentionPolicy) -> Result<Retained, StoreError> {
        let found = self.database.expired(milliseconds(policy.before)).await?;
        let doubt = if found.expired == 0 {
            policy.clock_doubt(&found)
        } else {
            policy.doubt(&found)
        };
        if let Some(doubt) = doubt {
            return Ok(Retained::Stopped {
                expired: found.expired,
                all: found.all,
                doubt,
            });
        }
        let erased = self.erase_older_than(policy.before).await?;
        self.note_clock(policy.now, false).await?;
        Ok(Retained::Erased(erased))
    }

    /// The doubt about the clock, whatever is too old; without one the clock is noted.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn doubted_clock(
        &self,
        policy: &RetentionPolicy,
    ) -> Result<Option<RetentionDoubt>, StoreError> {
        let found = self.database.expired(milliseconds(policy.before)).await?;
        let doubt = policy.clock_doubt(&found);
        if doubt.is_none() {
            self.note_clock(policy.now, false).await?;
        }
        Ok(doubt)
    }

    /// What [`Store::retain`] would do.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn would_retain(&self, policy: &RetentionPolicy) -> Result<Retained, StoreError> {
        let found = self.database.expired(milliseconds(policy.before)).await?;
        Ok(match policy.doubt(&found) {
            Some(doubt) => Retained::Stopped {
                expired: found.expired,
                all: found.all,
                doubt,
            },
            None => Retained::Erased(found.expired),
        })
    }

    /// Erases what is too old whatever speaks against it, and takes the clock for right: an operator has confirmed both.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn retain_confirmed(&self, policy: &RetentionPolicy) -> Result<u64, StoreError> {
        let erased = self.erase_older_than(policy.before).await?;
        self.note_clock(policy.now, true).await?;
        Ok(erased)
    }

    pub(super) async fn note_clock(
        &self,
        now: Timestamp,
        confirmed: bool,
    ) -> Result<(), StoreError> {
        let moment = milliseconds(now);
        self.queue.write(NoteClock { moment, confirmed }, 0).await
    }
}

/// Notes the clock.
struct NoteClock {
    moment: i64,
    confirmed: bool,
}

impl Operation for NoteClock {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        transaction.note_clock(self.moment, self.confirmed).await
    }
}
