//! How long each stage of an answer took: one value that becomes a header, a log line and a part of the answer.

use std::time::Duration;

/// The stages of one answer; a stage that an answer does not have stays zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the bytes to the totals.
    pub parse: Duration,
    /// Waiting for a thread that owns the network.
    pub queue: Duration,
    /// Inside the network.
    pub network: Duration,
    /// Drawing perturbations of the spending and encoding them.
    pub perturb: Duration,
    /// Fitting surrogates, or unrolling the global one.
    pub solve: Duration,
    /// Telling how far to trust them, and writing it down.
    pub judge: Duration,
}

impl Timing {
    /// The surrogate's own work.
    #[must_use]
    pub fn surrogate(&self) -> Duration {
        self.perturb + self.solve + self.judge
    }

    /// The stages in the order of the work, by name.
    #[must_use]
    pub fn stages(&self) -> [(&'static str, Duration); 4] {
        [
            ("parse", self.parse),
            ("queue", self.queue),
            ("network", self.network),
            ("surrogate", self.surrogate()),
        ]
    }
}

/// Milliseconds to the microsecond: what lies below is noise.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
