//! Methods of the store by concern, and the operations that they queue.

mod append_key;
mod arrivals;
mod customer_retention;
pub(crate) mod customers;
mod enqueue;
mod erasures;
mod folds;
mod idempotency;
mod jobs;
pub(crate) mod records;
pub(crate) mod retention;
