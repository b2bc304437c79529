//! Observer of a validation: its progress, and whether it goes on.

/// What a validation tells its caller, from one thread, and asks, from any.
pub trait ValidationObserver: Sync {
    /// So many customers are to be explained, of which an earlier run has done some.
    fn planned(&self, customers: u64, done_before: u64);

    /// One more customer was explained at all levels.
    fn done(&self);

    /// Whether to stop: what is done then stays in the journal.
    fn is_interrupted(&self) -> bool;
}
