//! Appending an explanation.

use super::backend::Transaction;
use super::draft::Draft;
use super::entry::{Kind, Unsealed, link};
use super::error::StoreError;
use super::jobs::State;
use super::writer::Operation;
use crate::history::Identifier;

/// Adds an explanation to the chain; its job, if it has one, is done with that.
pub(super) struct Append(pub(super) Draft);

impl Operation for Append {
    type Outcome = Vec<u8>;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Vec<u8>, StoreError> {
        let draft = &self.0;
        if transaction.is_recorded(draft.id).await? {
            return Err(StoreError::AlreadyRecorded);
        }
        let state = transaction.job_state(draft.id).await?;
        let is_under_way = matches!(state, Some(State::Queued | State::Running));
        if draft.of_job && !is_under_way {
            return Err(StoreError::JobGone);
        }
        // A job need not be asked: it vanishes with its customer.
        if !draft.of_job
            && let Some(customer_id) = &draft.customer_id
            && transaction
                .is_erased_since(customer_id.as_str(), draft.admitted)
                .await?
        {
            return Err(StoreError::ErasedMeanwhile);
        }
        let record = link(
            transaction,
            &Unsealed {
                kind: Kind::Explanation,
                id: draft.id,
                created_at: draft.created_at,
                customer_id: draft.customer_id.as_ref().map(Identifier::as_str),
                document: &draft.document,
                input: Some(&draft.input),
            },
        )
        .await?;
        if is_under_way {
            transaction.finish_job(draft.id).await?;
        }
        Ok(record)
    }
}
