//! Set of the customers that a run has read in tables: a customer that comes again did not have all rows together.

use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};

/// A customer's name in 64 bits. Among ten million customers two share one with a chance of 1 in 370,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CustomerHash(u64);

impl CustomerHash {
    /// The first bytes of the name's SHA-256: the same in every process, and on every machine.
    pub(crate) fn of(customer: &[u8]) -> Self {
        let digest = Sha256::digest(customer);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Self(u64::from_le_bytes(bytes))
    }

    /// The form in which it is kept beside a part.
    pub(crate) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// Reads the form of [`Self::to_bytes`].
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

/// The customers of tables that the threads of a run have read: eight bytes each, and what a set takes.
#[derive(Debug, Default)]
pub(crate) struct SeenCustomers(Mutex<FxHashSet<CustomerHash>>);

impl SeenCustomers {
    /// Adds a customer; `false` when it is there already.
    pub(crate) fn insert(&self, customer: CustomerHash) -> bool {
        self.0.lock().insert(customer)
    }
}
