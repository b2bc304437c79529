//! What the network has done: how many batches, how large, how long each took.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Unit;

use super::{Model, Registry};

/// Counted by the threads that run the network; clones share the counts.
#[derive(Debug, Clone)]
pub struct NetworkMetrics {
    runs: Counter,
    sequences: Histogram,
    duration: Histogram,
    replaced: Counter,
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

    pub(super) fn replaced(&self) {
        self.replaced.inc();
    }

    #[cfg(test)]
    pub(super) fn times_replaced(&self) -> u64 {
        self.replaced.get()
    }

    /// How many batches have been run; those that were taken back are not among them.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.get()
    }
}

/// Tells the metrics of every model that is served at the moment, with its name and version.
#[derive(Debug)]
pub struct NetworkCollector(pub Arc<Registry>);

impl Collector for NetworkCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let served = self.0.served();
        for Told {
            name,
            help,
            unit,
            kind,
            of,
        } in TOLD
        {
            let mut told = served
                .models()
                .filter_map(|model| Some((model.identity(), of(model)?)))
                .peekable();
            // A name without a number would be a fault in the text.
            if told.peek().is_none() {
                continue;
            }
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), *kind)?;
            for (identity, metric) in told {
                let labels = [
                    ("model", identity.name.as_str()),
                    ("version", identity.version.as_str()),
                ];
                metric.encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

/// What is told of each model.
struct Told {
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    kind: MetricType,
    of: fn(&Model) -> Option<Box<dyn EncodeMetric>>,
}

const TOLD: &[Told] = &[
    Told {
        name: "network_runs",
        help: "Runs of the network",
        unit: None,
        kind: MetricType::Counter,
        of: |model| Some(Box::new(model.metrics().runs.clone())),
    },
    Told {
        name: "network_batch_sequences",
        help: "Sequences that one run of the network took",
        unit: None,
        kind: MetricType::Histogram,
        of: |model| Some(Box::new(model.metrics().sequences.clone())),
    },
    Told {
        name: "network_run_duration",
        help: "How long one run of the network took",
        unit: Some(Unit::Seconds),
        kind: MetricType::Histogram,
        of: |model| Some(Box::new(model.metrics().duration.clone())),
    },
    Told {
        name: "network_threads_replaced",
        help: "Threads of the network that died and were replaced",
        unit: None,
        kind: MetricType::Counter,
        of: |model| Some(Box::new(model.metrics().replaced.clone())),
    },
    Told {
        name: "population_stability_index",
        help: "How far the spending of the last ten thousand or so histories is from the bundle's population",
        unit: None,
        kind: MetricType::Gauge,
        of: |model| {
            let index = model.population_stability_index()?;
            Some(Box::new(ConstGauge::new(index)))
        },
    },
];
