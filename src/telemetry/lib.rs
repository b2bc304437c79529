//! Log and traces of the process, without customer data.

mod collector;
mod log;
mod traces;

pub use log::start_log;
pub use traces::{RequestSpan, Traces, TracesError};
