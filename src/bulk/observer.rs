//! Observer of a bulk run: its progress, its first refusals, and whether it shall end early.

use microseg_problem::Problem;

use crate::position::Position;

/// Called by a run, from all of its threads.
pub trait RunObserver: Sync {
    /// No table of the run has this column of a field that the model declares: the field is missing in all rows.
    fn column_missing(&self, column: &str);
    /// So many bytes are to be read.
    fn planned(&self, bytes: u64);
    /// So many more bytes have been read.
    fn read(&self, bytes: u64);
    /// So many more customers are done; the refused ones are among them.
    fn done(&self, customers: u64, refused: u64);
    /// One of the first few refused customers.
    fn refused(&self, input: &str, position: Position, problem: &Problem);
    /// Whether the run shall end early.
    fn interrupted(&self) -> bool;
}
