//! Dynamic batching for the network: sequences that wait at the same time run as one batch.
//!
//! Its parts:
//! - the batching policy (`policy.rs`): which sequences run together, how many may wait, and what runs first; the queue
//!   (`queue.rs`) keeps it;
//! - the network threads (`network_threads.rs`), which own copies of the network and run what waits;
//! - the caller's own thread (`caller_thread.rs`), which runs scorings without waking another thread.
//!
//! [`Batcher`] puts them together.

mod batch_invariance;
mod batcher;
mod calibration;
mod caller_thread;
mod execution;
mod network_pool;
mod network_threads;
mod pending_batch;
mod policy;
mod queue;
mod run;
mod warm_network;

pub(crate) use batcher::Batcher;
pub use policy::Priority;
pub use run::{Run, RunError};
pub use warm_network::StartError;
