//! Counts of what became of a history's transactions: each is in one of them.

use schemars::JsonSchema;
use serde::Serialize;

/// Counts of a history's transactions: `transactions = used + income + unclassified + out_of_window + late`.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Quality {
    /// All transactions of the request.
    pub transactions: u64,
    /// Spending, or a refund of it, inside the window.
    pub used: u64,
    /// The refunds among `used`: positive amounts, set off against their class and period.
    pub netted: u64,
    /// Bookings of an income class inside the window: recognised, not spending.
    pub income: u64,
    /// Transactions inside the window that fall into no class of the taxonomy.
    pub unclassified: u64,
    /// Transactions before the window or at `as_of` and later.
    pub out_of_window: u64,
    /// Transactions that arrived after their period had closed; only where transactions arrive one by one.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(example = 1)]
    pub late: u64,
    /// Sentences about what the caller may not have meant.
    pub warnings: Vec<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
