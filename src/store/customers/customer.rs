//! Kept customers as they are read.

use jiff::Timestamp;

/// What is known of a kept customer without its transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCustomer {
    /// The number of its row.
    pub(crate) number: i64,
    /// The caller's name for it.
    pub(crate) customer_id: String,
    /// How often its transactions have changed.
    pub position: u64,
    /// How many transactions are kept.
    pub transactions: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// How many transactions are no longer kept by themselves: a fold stands for them.
    pub folded: u64,
    /// The moment before which transactions were folded, in milliseconds since 1970.
    pub folded_until: Option<i64>,
    /// The moment before which nothing can be put in its place any more, in milliseconds since 1970.
    pub(crate) settled_until: Option<i64>,
    /// How many transactions came too late to be put in their place: they are in no scoring.
    pub late: u64,
    /// The moment of the oldest of those, in milliseconds since 1970: since then the scorings are approximate.
    pub approximate_since: Option<i64>,
    /// What all its transactions have in common, as JSON.
    pub settings: String,
    /// Its latest scoring, which may be of an earlier position or of another model.
    pub scoring: Option<KeptScoring>,
}

impl KeptCustomer {
    /// Whether the other one is this customer, and not one that began anew under its name.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

/// A scoring of a kept customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptScoring {
    /// The position of the transactions that were scored.
    pub position: u64,
    /// The name of the model.
    pub model: String,
    /// The SHA-256 of the model's network and encoding.
    pub bundle_sha256: String,
    /// The micro-segment in it.
    pub segment: Option<String>,
    /// The scoring as JSON.
    pub document: Vec<u8>,
}

/// A change of a customer's micro-segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentChange {
    /// Its place among all changes of the store.
    pub sequence: u64,
    /// When the scoring was made that showed it.
    pub created_at: Timestamp,
    /// The position of that scoring.
    pub position: u64,
    /// The model that made it.
    pub model: String,
    /// The micro-segment before; `None` where the customer could not be scored.
    pub from: Option<String>,
    /// The micro-segment now; `None` where the customer cannot be scored any more.
    pub to: Option<String>,
}

/// A kept customer in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCustomer {
    /// The place in the list.
    pub number: u64,
    /// The caller's name for the customer.
    pub customer_id: String,
    /// How often its transactions have changed.
    pub position: u64,
    /// How many transactions are kept.
    pub transactions: u64,
    /// The position of its latest scoring.
    pub scored_position: Option<u64>,
    /// The model of that scoring.
    pub model: Option<String>,
    /// The micro-segment in it.
    pub segment: Option<String>,
}

/// Which kept customers are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Those whose latest scoring is of this model.
    pub model: Option<String>,
    /// Those whose latest scoring has this micro-segment.
    pub segment: Option<String>,
    /// Those behind this place in the list.
    pub after: Option<u64>,
}
