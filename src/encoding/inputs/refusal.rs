//! Refusals of a history whose transactions have a value that the network cannot read.

use microseg_history::HistoryError;

/// What cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// A number is beyond 32 bits.
    #[error("the number is too large for the model's network")]
    TooLarge,
    /// A category without a code.
    #[error("the model has no code for this value")]
    UnknownCode,
    /// A category without a value.
    #[error("the model needs a value here")]
    MissingCode,
}

impl Refusal {
    /// Of a member of the transaction at a place in the history's list.
    pub(super) fn at(self, index: u32, member: &str) -> HistoryError {
        let member = member.replace('~', "~0").replace('/', "~1");
        HistoryError::Invalid {
            pointer: format!("/transactions/{index}/{member}"),
            detail: self.to_string(),
        }
    }

    /// Of all transactions together.
    pub(super) fn of_all(self) -> HistoryError {
        HistoryError::Invalid {
            pointer: "/transactions".to_owned(),
            detail: self.to_string(),
        }
    }
}
