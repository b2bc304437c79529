//! Metrics of kept customers. None names a customer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

use microseg_store::Added;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// What is counted of kept customers.
#[derive(Debug)]
pub(super) struct CustomerMetrics {
    transactions: Family<Outcome, Counter>,
    refused: Counter,
    approximate: Gauge<u64, AtomicU64>,
    last: LastAppend,
}

/// When this server last acknowledged transactions; clones share it.
#[derive(Debug, Clone, Default)]
struct LastAppend(Arc<Mutex<Option<Instant>>>);

impl Collector for LastAppend {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Before the first one there is no number.
        let Some(last) = *self.0.lock() else {
            return Ok(());
        };
        let age = ConstGauge::new(last.elapsed().as_secs_f64());
        let metric = encoder.encode_descriptor(
            "append_age",
            "Since this server last acknowledged transactions of a customer",
            Some(&Unit::Seconds),
            age.metric_type(),
        )?;
        age.encode(metric)
    }
}

impl CustomerMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            transactions: Family::default(),
            refused: Counter::default(),
            approximate: Gauge::default(),
            last: LastAppend::default(),
        };
        registry.register(
            "appended_transactions",
            "Transactions of customers that were acknowledged, by what became of them",
            metrics.transactions.clone(),
        );
        registry.register(
            "appends_refused_after_erasure",
            "Requests, or groups of lines, with transactions for a customer who was erased",
            metrics.refused.clone(),
        );
        registry.register(
            "approximate_customers",
            "Kept customers of the whole store some of whose transactions came too late",
            metrics.approximate.clone(),
        );
        registry.register_collector(Box::new(metrics.last.clone()));
        metrics
    }

    /// Counts transactions that were acknowledged, for the first time or again.
    pub(super) fn appended(&self, added: &Added) {
        let counts = if added.is_replayed {
            let again = added.added + added.corrected + added.duplicates + added.late;
            [
                ("duplicate", again),
                ("added", 0),
                ("corrected", 0),
                ("late", 0),
            ]
        } else {
            [
                ("added", added.added),
                ("corrected", added.corrected),
                ("duplicate", added.duplicates),
                ("late", added.late),
            ]
        };
        for (outcome, count) in counts {
            let counter = self.transactions.get_or_create(&Outcome { outcome });
            counter.inc_by(count);
        }
        *self.last.0.lock() = Some(Instant::now());
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }

    pub(super) fn approximate(&self, customers: u64) {
        self.approximate.set(customers);
    }
}
