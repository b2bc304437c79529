//! Batched writing: operations wait in a queue, and one task writes all that wait in one transaction. Where the database can
//! write several transactions at once, operations on single customers have a writer of their own.

mod batch;
mod batch_writer;
pub(crate) mod operation;
pub(crate) mod queue;
mod side_writer;
mod task;
