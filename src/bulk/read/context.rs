//! Context of reading a unit: the encoder, the settings, and state that the whole run shares.

use microseg_encoding::Encoder;

use super::seen_customers::SeenCustomers;
use crate::columns::TableSettings;
use crate::observer::RunObserver;

/// What reading a unit needs.
pub(crate) struct UnitContext<'a> {
    pub(crate) encoder: &'a Encoder,
    pub(crate) settings: &'a TableSettings,
    /// The largest line of NDJSON, in bytes.
    pub(crate) line_bytes: u64,
    /// Customers of tables that any thread of the run has read.
    pub(crate) customers: &'a SeenCustomers,
    pub(crate) observer: &'a dyn RunObserver,
    pub(crate) purpose: Purpose,
}

/// What histories are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For their numbers.
    Scoring,
    /// To be encoded again without some of their transactions. Only for tables.
    Explaining,
}
