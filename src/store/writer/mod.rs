//! Batched writing: operations wait in a queue, and one task writes all that wait in one transaction.

mod batch_writer;
pub(crate) mod operation;
pub(crate) mod queue;
mod task;
