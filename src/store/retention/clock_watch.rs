//! Watch of the clock against a steady one.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The clock and a steady one, since they were first looked at together.
#[derive(Debug, Clone, Copy)]
pub struct ClockWatch {
    started: Instant,
    began: Timestamp,
}

impl ClockWatch {
    /// Begins to watch.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            began: Timestamp::now(),
        }
    }

    /// The clock now, and how far it has moved against the steady one: a clock that is set moves.
    #[must_use]
    pub fn look(&self) -> (Timestamp, SignedDuration) {
        let now = Timestamp::now();
        let steady = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        (now, now.duration_since(self.began) - steady)
    }
}
