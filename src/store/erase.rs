//! Erasing explanations: their content goes, their place in the chain stays, and the chain says that it was done.

use jiff::{Timestamp, Unit};
use uuid::Uuid;

use super::backend::Transaction;
use super::entry::{Kind, Unsealed, link};
use super::erasure::{self, Reason};
use super::error::StoreError;
use super::writer::Operation;

/// The most explanations that one erasure lists.
pub(super) const SLICE: usize = 500;

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Explanations.
    pub explanations: u64,
    /// Jobs that had become no explanation: queued, running or failed.
    pub jobs: u64,
}

/// Which explanations and jobs are to be erased.
#[derive(Debug, Clone)]
pub(super) enum Selection {
    /// The explanation with this id, or the job that was to make it.
    Explanation(Uuid),
    /// Everything of a customer.
    Customer(String),
    /// What is older than a moment, in milliseconds since 1970: [`SLICE`] explanations, and all jobs.
    OlderThan(i64),
}

impl Selection {
    fn reason(&self) -> Reason {
        match self {
            Self::Explanation(_) => Reason::Explanation,
            Self::Customer(_) => Reason::Customer,
            Self::OlderThan(_) => Reason::Retention,
        }
    }
}

/// Erases what is selected.
pub(super) struct Erase(pub(super) Selection);

impl Operation for Erase {
    type Outcome = Erased;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Erased, StoreError> {
        if let Selection::Customer(customer_id) = &self.0 {
            // Even when nothing is there to erase: explanations may be under way.
            transaction
                .note_erasure(customer_id, Timestamp::now())
                .await?;
        }
        let tombstones = transaction.explanations(&self.0).await?;
        for slice in tombstones.chunks(SLICE) {
            transaction.bury(slice).await?;
            let now = Timestamp::now();
            let (id, created_at) = (Uuid::now_v7(), now.round(Unit::Millisecond).unwrap_or(now));
            let unsealed = Unsealed {
                kind: Kind::Erasure,
                id,
                created_at,
                customer_id: None,
                document: &erasure::document(id, created_at, self.0.reason(), slice)?,
                input: None,
            };
            link(transaction, &unsealed).await?;
        }
        Ok(Erased {
            explanations: tombstones.len() as u64,
            jobs: transaction.remove_jobs(&self.0).await?,
        })
    }
}
