//! Metrics and traces.

use std::sync::Arc;

use super::metrics::Metrics;
use microseg_telemetry::Traces;

/// Where the server tells what it does; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Telemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metrics: Metrics,
    traces: Option<Traces>,
}

impl Telemetry {
    pub(super) fn new(traces: Option<Traces>) -> Self {
        let metrics = Metrics::new();
        Self(Arc::new(Inner { metrics, traces }))
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Where the spans of requests go, if anywhere.
    pub(crate) fn traces(&self) -> Option<&Traces> {
        self.0.traces.as_ref()
    }
}
