//! Timing of an answer: the duration of each stage, for its header, its log line and its body.

use std::time::Duration;

/// The duration of each stage of an answer; a stage that the answer does not have is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// Reading the body: from its bytes to the totals.
    pub parse: Duration,
    /// Waiting in the queue of the network.
    pub queue: Duration,
    /// Running the network.
    pub network: Duration,
    /// Drawing perturbations of the spending and encoding them.
    pub perturb: Duration,
    /// Fitting surrogates, or unrolling the global one.
    pub solve: Duration,
    /// Measuring fidelity and stability, and making the document.
    pub judge: Duration,
}

impl Timing {
    /// All stages of the surrogate.
    #[must_use]
    pub fn surrogate(&self) -> Duration {
        self.perturb + self.solve + self.judge
    }

    /// The stages by name, in the order of the work.
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

/// Milliseconds, rounded to the microsecond.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
