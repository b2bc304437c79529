//! What the network has done: how many batches, how large, how long each took.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Counted by the threads that run the network; clones share the counts.
#[derive(Debug, Clone)]
pub struct NetworkMetrics {
    runs: Counter,
    sequences: Histogram,
    duration: Histogram,
}

impl Default for NetworkMetrics {
    fn default() -> Self {
        Self {
            runs: Counter::default(),
            // 1 to 1,024 sequences.
            sequences: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            // 50 µs to 0.2 s.
            duration: Histogram::new(exponential_buckets(50e-6, 2.0, 13)),
        }
    }
}

impl NetworkMetrics {
    pub(super) fn ran(&self, sequences: usize, took: Duration) {
        self.runs.inc();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        self.sequences.observe(sequences as f64);
        self.duration.observe(took.as_secs_f64());
    }

    /// How many batches have been run; those that were taken back are not among them.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.get()
    }

    /// Lets a registry tell these metrics.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("network_runs", "Runs of the network", self.runs.clone());
        registry.register(
            "network_batch_sequences",
            "Sequences that one run of the network took",
            self.sequences.clone(),
        );
        registry.register_with_unit(
            "network_run_duration",
            "How long one run of the network took",
            Unit::Seconds,
            self.duration.clone(),
        );
    }
}
