//! Number of threads of a command.

use std::num::NonZeroUsize;
use std::thread;

/// As many as a flag says, or else one for each processor.
pub(crate) fn count(given: Option<u16>) -> usize {
    let processors = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    given.map_or_else(processors, usize::from)
}
