//! Idempotency: requests with a key of their caller's, which are done once however often they are sent.

pub(crate) mod claim;
pub(crate) mod database;
