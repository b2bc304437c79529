//! Retention: explanations are erased for their age, unless a clock that is wrong may be the reason.

pub(crate) mod clock_watch;
pub(crate) mod database;
pub(crate) mod doubt;
