//! Simulated customer: the history that a bank would send, and the truth behind it.

use super::life::LifeYear;
use super::transaction::SimulatedTransaction;

/// A customer's history; serialises to the JSON document that the service reads.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SimulatedCustomer<'p> {
    /// The customer's identifier, such as `c-000123`.
    pub customer_id: String,
    /// Where the history ends, exclusive; RFC 3339.
    pub as_of: &'static str,
    /// All bookings, oldest first.
    pub transactions: Vec<SimulatedTransaction<'p>>,
    #[serde(skip)]
    pub(super) life: Vec<LifeYear>,
}

impl SimulatedCustomer<'_> {
    /// The truth behind each calendar year of the history, oldest first; no part of the JSON.
    #[must_use]
    pub fn life(&self) -> &[LifeYear] {
        &self.life
    }
}
