//! Treatment of transactions whose class the taxonomy does not have.

/// What to do with a class that the taxonomy does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownClass {
    /// Refuse the history, at the transaction.
    Refuse,
    /// Count the transaction as unclassified.
    Count,
}

/// Why a transaction has no class; [`UnknownClass`] decides whether it is refused or counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclassified {
    /// The taxonomy does not have its class.
    #[error("no such class in the model's taxonomy")]
    UnknownClass,
    /// It has neither class nor MCC.
    #[error("a transaction needs `class` or `mcc`")]
    Nameless,
}
