//! Appending an explanation.

use super::backend::Transaction;
use super::draft::Draft;
use super::entry::{Kind, Unsealed, link};
use super::error::StoreError;
use super::jobs::State;
use super::standing::Inquiry;
use super::writer::Operation;
use microseg_history::Identifier;

/// Adds an explanation to the chain; its job, if it has one, is done with that.
pub(super) struct Append(pub(super) Draft);

impl Operation for Append {
    type Outcome = Vec<u8>;

    fn inquiry(&self) -> Option<Inquiry> {
        Some(inquiry(&self.0))
    }

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Vec<u8>, StoreError> {
        let draft = &self.0;
        let standing = transaction.standing(&inquiry(draft)).await?;
        if standing.is_recorded {
            return Err(StoreError::AlreadyRecorded);
        }
        let is_under_way = matches!(standing.job, Some(State::Queued | State::Running));
        if draft.of_job && !is_under_way {
            return Err(StoreError::JobGone);
        }
        // A job need not be asked: it vanishes with its customer.
        if !draft.of_job && standing.is_erased {
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

fn inquiry(draft: &Draft) -> Inquiry {
    Inquiry {
        id: draft.id,
        customer_id: draft.customer_id.as_ref().map(|id| id.as_str().to_owned()),
        admitted: draft.admitted,
    }
}
