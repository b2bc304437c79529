//! Result of an erasure.

/// The numbers of explanations, jobs and kept transactions that were erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Explanations.
    pub explanations: u64,
    /// Jobs without an explanation: queued, running or failed.
    pub jobs: u64,
    /// Transactions that were kept of the customer.
    pub transactions: u64,
}
