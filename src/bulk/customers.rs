//! Which customers have been met: one who comes again did not have all rows together.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};

/// A customer's name in 64 bits. Among ten million customers two share one with a chance of 1 in 370,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark(u64);

impl Mark {
    /// The first bytes of the name's SHA-256: the same in every process, and on every machine.
    pub(super) fn of(customer: &[u8]) -> Self {
        let digest = Sha256::digest(customer);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Self(u64::from_le_bytes(bytes))
    }

    /// As it is kept beside a part.
    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// As it was kept.
    pub(super) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

/// The customers whom the threads of a run have met in tables: eight bytes each, and what a set takes.
#[derive(Debug, Default)]
pub(super) struct Customers(Mutex<FxHashSet<Mark>>);

impl Customers {
    /// Notes a customer; `false` when it has been there before.
    pub(super) fn meet(&self, mark: Mark) -> bool {
        // A set that a panicking thread left is whole: an insertion has happened or not.
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(mark)
    }
}
