//! Methods of the store by concern, and the operations that they queue.

mod append_key;
pub(crate) mod customers;
mod enqueue;
mod erasures;
mod idempotency;
mod jobs;
pub(crate) mod records;
pub(crate) mod retention;
