//! Leases: who computes a running job, and until when nobody else may take it.

use std::time::Duration;

use uuid::Uuid;

/// How long a job is left to a server that says nothing. The server says something three times as often.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// The name under which a server holds its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder(String);

impl Holder {
    /// The operator's name for this server, or one that no other has.
    pub(super) fn new(instance: Option<String>) -> Self {
        Self(instance.unwrap_or_else(|| Uuid::now_v7().to_string()))
    }

    /// The name in the database.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// [`LEASE`] in milliseconds, as the databases count.
pub(super) fn lease_milliseconds() -> i64 {
    i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX)
}
