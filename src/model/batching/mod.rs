//! Dynamic batching for the network: sequences that wait at the same time run as one batch.
//!
//! Its parts:
//! - the batching policy (`policy.rs`): which sequences run together, how many may wait, and what runs first; the queue
//!   (`queue.rs`) keeps it;
//! - the threads of the network (`network_threads.rs`, `thread_group.rs`), which own copies of it and run what waits;
//!   scorings of a quick network have threads of their own (`scoring_threads.rs`);
//! - the watchdog (`watchdog.rs`), which gives up a thread whose run takes longer than its limit (`run_limit.rs`), answers
//!   the callers that wait for it (`watched_run.rs`), and has the thread replaced.
//!
//! [`Batcher`] puts them together.

mod batch_invariance;
mod batch_size;
mod batcher;
mod calibration;
mod chunks;
mod execution;
mod network_threads;
mod pending_batch;
mod policy;
mod queue;
mod run;
mod run_limit;
mod scoring_threads;
mod sized_network;
mod stoppable_network;
mod thread_group;
mod trial_steps;
mod warm_network;
mod watchdog;
mod watched_run;

pub(crate) use batcher::Batcher;
pub use chunks::MANY_SEQUENCES;
pub(crate) use chunks::next_chunk;
pub use policy::Priority;
pub use run::{Run, RunError};
pub use warm_network::StartError;
pub(crate) use warm_network::try_network;
