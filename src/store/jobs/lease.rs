//! Leases: the server that computes a running job, and the time until which no other server may take it.

use std::time::Duration;

use uuid::Uuid;

/// How long a job is reserved for a server that does not renew its lease. Servers renew three times as often.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// How much later than [`LEASE`] from now a lease may end. One that ends later was given before the clock moved back, and
/// would keep its job until the clock has caught up.
const SLACK: Duration = Duration::from_secs(10);

/// The name under which a server holds the leases of its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseHolder(String);

impl LeaseHolder {
    /// The operator's name for this server, or a new one that no other server has.
    pub(crate) fn new(instance: Option<String>) -> Self {
        Self(instance.unwrap_or_else(|| Uuid::now_v7().to_string()))
    }

    /// The name in the database.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The longest time from now to the end of a lease that is real, in milliseconds.
pub(crate) fn longest_lease_milliseconds() -> i64 {
    i64::try_from((LEASE + SLACK).as_millis()).unwrap_or(i64::MAX)
}

/// [`LEASE`] in milliseconds, the unit of the databases.
pub(crate) fn lease_milliseconds() -> i64 {
    i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX)
}
