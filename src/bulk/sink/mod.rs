//! What answers look like when they are written down.

mod lines;
mod table;

pub(super) use lines::write_lines;
pub(super) use table::{TableSink, schema};
