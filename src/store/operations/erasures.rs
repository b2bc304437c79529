//! Erasures of a store: the content of explanations is deleted, their place in the chain remains, and a new entry lists
//! them.

use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use crate::admitted_at::AdmittedAt;
use crate::customers::erasure::{AppendsAfterErasure, erased_digest};
use crate::database::interface::Transaction;
use crate::erasures::erased::Erased;
use crate::erasures::selection::{SLICE, Selection};
use crate::error::StoreError;
use crate::records::chain::append_entry;
use crate::records::entry::{Kind, Tombstone, Unsealed};
use crate::records::erasure_document::{ErasureReason, write_erasure};
use crate::store::Store;
use crate::timestamp::{milliseconds, round_to_milliseconds};
use crate::writer::operation::Operation;

impl Store {
    /// The position of a request that begins now, among the erasures of customers. To be called before the request's
    /// customer is read.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn admit(&self) -> Result<AdmittedAt, StoreError> {
        self.database.admit().await
    }

    /// Erases an explanation, or the job that was to make it. `false` when there is none.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase(&self, id: Uuid) -> Result<bool, StoreError> {
        let erased = self
            .erase_selected(Selection::Explanation {
                tenant: self.tenant.clone(),
                id,
            })
            .await?;
        Ok(erased != Erased::default())
    }

    /// Erases all explanations and jobs of a customer and all that is kept of it, or nothing when it fails.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase_customer(&self, customer_id: &str) -> Result<Erased, StoreError> {
        self.erase_selected(Selection::Customer {
            tenant: self.tenant.clone(),
            id: customer_id.to_owned(),
        })
        .await
    }

    /// Erases all explanations that were made before a moment, and all jobs queued before it that have none. Counts the
    /// explanations. They are erased in slices of 500, with other operations between; an error stops between two
    /// slices.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn erase_older_than(&self, moment: Timestamp) -> Result<u64, StoreError> {
        let mut explanations = 0;
        loop {
            let slice = Selection::OlderThan(milliseconds(moment));
            match self.erase_selected(slice).await?.explanations {
                0 => return Ok(explanations),
                erased => explanations += erased,
            }
        }
    }

    async fn erase_selected(&self, selection: Selection) -> Result<Erased, StoreError> {
        let remembers = self.after_erasure == AppendsAfterErasure::Refuse;
        let operation = Erase {
            selection,
            remembers,
        };
        self.queue.write(operation, 0).await
    }
}

/// Erases the selected explanations and jobs.
struct Erase {
    selection: Selection,
    /// Whether an erased customer is to be known by its digest.
    remembers: bool,
}

impl Operation for Erase {
    type Outcome = Erased;

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<Erased, StoreError> {
        if let Selection::Customer { tenant, id } = &self.selection {
            // What is being written of the customer is erased too, and what comes later is refused.
            transaction.lock_customer(tenant, id).await?;
            // Also without explanations to erase: some may be computed now.
            let now = Timestamp::now();
            transaction.note_erasure(tenant, id, now).await?;
            if self.remembers {
                let digest = erased_digest(tenant, id);
                let now = milliseconds(now);
                transaction.remember_erased(&digest, now).await?;
            }
        }
        let tombstones = transaction.select_explanations(&self.selection).await?;
        for slice in tombstones.chunks(SLICE) {
            transaction.forget_recorded(slice).await?;
            transaction.redact(slice).await?;
            append_erasure(transaction, self.selection.reason(), slice).await?;
        }
        transaction.forget_selected(&self.selection).await?;
        let transactions = match &self.selection {
            Selection::Customer { tenant, id } => transaction.remove_customer(tenant, id).await?,
            Selection::Explanation { .. } | Selection::OlderThan(_) => 0,
        };
        Ok(Erased {
            transactions,
            explanations: tombstones.len() as u64,
            jobs: transaction.remove_jobs(&self.selection).await?,
        })
    }
}

/// Appends the entry that lists erased explanations.
async fn append_erasure(
    transaction: &mut dyn Transaction,
    reason: ErasureReason,
    erased: &[Tombstone],
) -> Result<(), StoreError> {
    let (id, created_at) = (Uuid::now_v7(), round_to_milliseconds(Timestamp::now()));
    let unsealed = Unsealed {
        kind: Kind::Erasure,
        tenant: &Tenant::default(),
        id,
        created_at,
        customer_id: None,
        document: &write_erasure(id, created_at, reason, erased)?,
        input: None,
        summary: None,
    };
    append_entry(transaction, &unsealed).await?;
    Ok(())
}
