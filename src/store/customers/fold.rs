//! Folds: what stands for a customer's transactions that are kept no longer.

use sha2::{Digest, Sha256};

/// What stands for transactions that are kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// What a model goes on from.
    pub document: Vec<u8>,
    /// Names the models that can go on from it.
    pub of: String,
}

/// What is kept of a customer: its older transactions in one piece, and the others one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptContents {
    /// How often the transactions have changed.
    pub position: u64,
    /// How many transactions are folded.
    pub folded: u64,
    /// The older ones.
    pub fold: Option<Fold>,
    /// The documents of the others, by time and id.
    pub documents: Vec<String>,
}

/// A fold that takes the place of an earlier one and of all transactions before a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFold {
    /// What stands for them; `None` where there are none, so that nothing changes but what is known of the oldest one.
    pub fold: Option<Fold>,
    /// The position of the transactions that it was made of: after a later change it is not taken.
    pub position: u64,
    /// How many were folded then: another server may have folded more meanwhile.
    pub folded: u64,
    /// The moment before which it has all transactions, in milliseconds since 1970.
    pub until: i64,
    /// The moment before which nothing can be put in its place any more, in milliseconds since 1970.
    pub settled_until: Option<i64>,
}

/// The id of a transaction as a number: the first 64 bits of its SHA-256.
pub(crate) fn digest_of(id: &str) -> i64 {
    let hash = Sha256::digest(id);
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}
