//! Names of what a transaction has to itself while others write beside it: one customer, or the key of one request.

use microseg_access::Tenant;
use sha2::{Digest, Sha256};

/// The name of a lock. Two customers may share one by chance: then they wait for each other, and nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LockName(pub(crate) i32);

impl LockName {
    /// The lock of a customer of a tenant.
    pub(crate) fn of_customer(tenant: &Tenant, customer_id: &str) -> Self {
        Self::new(&format!("customer\n{tenant}\n{customer_id}"))
    }

    /// The lock of a key of a tenant's request.
    pub(crate) fn of_key(tenant: &Tenant, key_sha256: &str) -> Self {
        Self::new(&format!("key\n{tenant}\n{key_sha256}"))
    }

    fn new(text: &str) -> Self {
        let hash = Sha256::digest(text);
        Self(i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_and_keys_of_each_tenant_have_locks_of_their_own() {
        let tenants = [Tenant::default(), "north".parse().unwrap()];
        let names = tenants.iter().flat_map(|tenant| {
            ["a", "b"].into_iter().flat_map(move |name| {
                [
                    LockName::of_customer(tenant, name),
                    LockName::of_key(tenant, name),
                ]
            })
        });
        let mut names: Vec<LockName> = names.collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 8);
    }
}
