//! Treatment of transactions whose class the taxonomy does not have.

/// What to do with a class that the taxonomy does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownClass {
    /// Refuse the history, at the transaction.
    #[default]
    Refuse,
    /// Count the transaction as unclassified.
    Count,
}

/// The taxonomy does not have a transaction's class; [`UnknownClass`] decides whether it is refused or counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such class in the model's taxonomy")]
pub struct NoSuchClass;
