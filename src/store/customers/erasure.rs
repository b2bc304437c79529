//! Transactions of erased customers: the choice between refusal and a new beginning, and the digest of the erased.

use microseg_access::Tenant;
use sha2::{Digest, Sha256};

/// What becomes of transactions that arrive for a customer after its erasure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AppendsAfterErasure {
    /// They are refused: the store keeps a digest of each erased customer.
    Refuse,
    /// The customer begins anew, and the store keeps nothing of an erased one.
    #[default]
    BeginAnew,
}

/// The digest that an erased customer is known by.
pub(crate) fn erased_digest(tenant: &Tenant, customer_id: &str) -> String {
    hex::encode(Sha256::digest(format!("{tenant}\n{customer_id}")))
}
