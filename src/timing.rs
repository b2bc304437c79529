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
    /// Perturbing, solving and judging: the surrogate's own work.
    pub surrogate: Duration,
}

impl Timing {
    /// The stages in the order of the work, by name, in milliseconds.
    #[must_use]
    pub fn stages(&self) -> [(&'static str, f64); 4] {
        [
            ("parse", milliseconds(self.parse)),
            ("queue", milliseconds(self.queue)),
            ("network", milliseconds(self.network)),
            ("surrogate", milliseconds(self.surrogate)),
        ]
    }
}

/// Milliseconds to the microsecond: what lies below is noise.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
