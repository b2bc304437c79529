//! Jobs: explanations that are computed later, their leases, and what they ask of a database.

pub(crate) mod caller;
pub(crate) mod database;
pub(crate) mod job;
pub(crate) mod lease;
pub(crate) mod packed;
