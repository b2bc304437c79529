//! Transactions that are kept, and what becomes of those that are added.

use serde::{Deserialize, Serialize};

use crate::admitted_at::AdmittedAt;
use crate::idempotency::claim::KeyedRequest;

/// A transaction that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTransaction {
    /// The caller's id, one for each transaction of a customer.
    pub id: String,
    /// When it was booked, in milliseconds since 1970: the order in which transactions are read.
    pub moment: i64,
    /// The transaction as JSON, its id included.
    pub document: String,
}

/// Transactions of one customer that are to be added.
#[derive(Debug, Clone)]
pub struct NewTransactions {
    /// The caller's name for the customer.
    pub customer_id: String,
    /// What all transactions of the customer have in common, as JSON; the same text for the same settings.
    pub settings: String,
    /// In any order. Of several with one id the last one counts.
    pub transactions: Vec<KeptTransaction>,
    /// The most transactions that may be kept of one customer.
    pub most: u64,
    /// When the request was admitted.
    pub admitted: AdmittedAt,
    /// The request under its key, where it has one: sent again it changes nothing, and comes to the same.
    pub keyed: Option<KeyedRequest>,
}

/// What became of transactions that were added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Those with a new id.
    pub added: u64,
    /// Those that replaced another one with their id.
    pub corrected: u64,
    /// Those that were kept already, to the letter.
    pub duplicates: u64,
    /// How often the customer's transactions have changed: once for every request that added or corrected any.
    pub position: u64,
    /// How many transactions are kept of the customer now.
    pub transactions: u64,
    /// Those that came too late to be put in their place: they are in no scoring.
    #[serde(default)]
    pub late: u64,
    /// The moment of the oldest transaction that came too late, now or before, in milliseconds since 1970.
    #[serde(default)]
    pub approximate_since: Option<i64>,
    /// Whether this is what the request came to when it was first sent: it was not done again.
    #[serde(skip)]
    pub is_replayed: bool,
}
