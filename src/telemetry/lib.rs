//! What the process tells of itself besides metrics: its log, and the traces of requests. Neither holds customer data.

mod collector;
mod log;
mod traces;

pub use log::start_log;
pub use traces::{RequestSpan, Traces, TracesError};
