//! Who looks on while a run goes.

use super::Place;
use microseg_problem::Problem;

/// Told what a run does, from all of its threads.
pub trait Watch: Sync {
    /// So many bytes are to be read.
    fn planned(&self, bytes: u64);
    /// So many bytes more have been read.
    fn read(&self, bytes: u64);
    /// So many customers more are done, the refused ones among them.
    fn done(&self, customers: u64, refused: u64);
    /// One of the first few customers who were refused.
    fn refused(&self, input: &str, place: Place, problem: &Problem);
    /// Whether the run shall end early.
    fn interrupted(&self) -> bool;
}
