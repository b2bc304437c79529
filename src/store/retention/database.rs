//! Interface of a database for retention.

use async_trait::async_trait;

use crate::error::StoreError;

/// What retention must know of the chain. Moments are milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChainAge {
    /// The explanations that are too old.
    pub(crate) expired: u64,
    /// All that are not erased.
    pub(crate) all: u64,
    /// The number of the last one that is too old.
    pub(crate) last_expired: Option<i64>,
    /// The number of the first one that is a day younger than that, or more.
    pub(crate) first_young: Option<i64>,
    /// When the youngest one was made.
    pub(crate) youngest: Option<i64>,
    /// When a server last noted its clock.
    pub(crate) noted_at: Option<i64>,
}

/// Retention outside of a transaction.
#[async_trait]
pub(crate) trait RetentionReader: Send + Sync {
    /// What is older than a moment, in milliseconds since 1970.
    async fn expired(&self, before: i64) -> Result<ChainAge, StoreError>;
}

/// Retention inside a transaction.
#[async_trait]
pub(crate) trait RetentionTransaction: Send {
    /// Notes the clock, in milliseconds since 1970. An earlier moment replaces a later one only when it is `confirmed`.
    async fn note_clock(&mut self, moment: i64, confirmed: bool) -> Result<(), StoreError>;
}
