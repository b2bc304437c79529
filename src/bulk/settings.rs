//! Settings of a bulk run: how its inputs are read, and by how many threads.

use crate::columns::TableSettings;

/// Settings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// How tables are read.
    pub table: TableSettings,
    /// The largest line of NDJSON or record of CSV, in bytes.
    pub line_bytes: u64,
    /// The most bytes of standard input that are held for one unit.
    pub held_bytes: usize,
    /// Threads, at least 1; each reads, scores and writes.
    pub threads: usize,
}

impl RunSettings {
    /// The largest record of CSV in bytes, as a size in memory.
    pub(crate) fn record_bytes(&self) -> usize {
        usize::try_from(self.line_bytes).unwrap_or(usize::MAX)
    }
}
