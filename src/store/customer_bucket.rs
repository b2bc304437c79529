//! Hash buckets of customers' ids, by which the databases index rows.

use microseg_access::Tenant;
use sha2::{Digest, Sha256};

/// The first 16 bits of the SHA-256 of a customer's id: enough to find rows, too few to identify the customer.
pub(crate) fn bucket_of(customer_id: &str) -> i64 {
    let hash = Sha256::digest(customer_id);
    i64::from(hash[0]) << 8 | i64::from(hash[1])
}

/// The bucket of a customer among the erasures: the same customer's id in two tenants is two customers.
pub(crate) fn erasure_bucket(tenant: &Tenant, customer_id: &str) -> i64 {
    if tenant.is_default() {
        return bucket_of(customer_id);
    }
    // No id has a control character in it.
    bucket_of(&format!("{tenant}\n{customer_id}"))
}
