//! Metrics of the network: how many batches, how large, how long each took.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// Counted by the threads that run the network; clones share the counts.
#[derive(Debug, Clone)]
pub struct NetworkMetrics {
    pub(crate) runs: Counter,
    pub(crate) sequences: Histogram,
    pub(crate) duration: Histogram,
    pub(crate) replaced: Counter,
    pub(crate) hung: Gauge,
}

impl Default for NetworkMetrics {
    fn default() -> Self {
        Self {
            runs: Counter::default(),
            // 1 to 1,024 sequences.
            sequences: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            // 50 µs to 0.2 s.
            duration: Histogram::new(exponential_buckets(50e-6, 2.0, 13)),
            replaced: Counter::default(),
            hung: Gauge::default(),
        }
    }
}

impl NetworkMetrics {
    pub(crate) fn ran(&self, sequences: usize, took: Duration) {
        self.runs.inc();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        self.sequences.observe(sequences as f64);
        self.duration.observe(took.as_secs_f64());
    }

    pub(crate) fn replaced(&self) {
        self.replaced.inc();
    }

    #[cfg(test)]
    pub(crate) fn times_replaced(&self) -> u64 {
        self.replaced.get()
    }

    /// How many batches have been run; cancelled ones are not among them.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.get()
    }
}
