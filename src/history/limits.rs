//! Limits of one history.

/// How much one history may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Transactions of one history.
    pub transactions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transactions: 1_000_000,
        }
    }
}
