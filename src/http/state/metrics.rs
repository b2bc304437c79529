//! Counters and histograms of the server, for Prometheus. No label holds customer data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry as MetricRegistry, Unit};

use super::customer_metrics::CustomerMetrics;
use microseg_explain::Explanation;
use microseg_model::{ModelIdentity, NetworkCollector, Registry};
use microseg_store::Added;
use microseg_timing::Timing;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    /// The pattern of the address.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stage {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ExplanationLabels {
    method: &'static str,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabels {
    model: String,
    version: String,
    method: &'static str,
    level: &'static str,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Explainer {
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Shadowed {
    model: String,
    version: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShadowOutput {
    model: String,
    version: String,
    output: String,
}

/// What became of a copy for a version on trial.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ShadowOutcome {
    /// It was scored.
    Compared,
    /// Too many copies were being scored already.
    Skipped,
    /// The history goes on from a state token, which only the answering version can open.
    Continued,
    /// The version refused it, or failed.
    Failed,
}

/// The method's name; a caller may invent methods, and labels must stay few.
pub(crate) fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// Finer where verdicts are decided.
fn fidelities() -> Histogram {
    Histogram::new([
        0.0, 0.5, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 1.0,
    ])
}

/// 10^-6 to 1, each ten times the one before.
fn differences() -> Histogram {
    Histogram::new(exponential_buckets(1e-6, 10.0, 7))
}

type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// 10 µs to 10 s, each twice the one before.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(1e-5, 2.0, 21))
}

/// All metrics of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Mutex<MetricRegistry>,
    requests: Family<RequestLabels, Counter>,
    duration: Histograms<Route>,
    stages: Histograms<Stage>,
    histories: Family<Outcome, Counter>,
    explanations: Family<ExplanationLabels, Counter>,
    verdicts: Family<VerdictLabels, Counter>,
    fidelity: Histograms<Explainer>,
    shadowed: Family<Shadowed, Counter>,
    differences: Histograms<ShadowOutput>,
    records_altered: Counter,
    customers: CustomerMetrics,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = MetricRegistry::with_prefix("microseg");
        let requests = Family::<RequestLabels, Counter>::default();
        let duration = Histograms::new_with_constructor(buckets);
        let stages = Histograms::new_with_constructor(buckets);
        let histories = Family::<Outcome, Counter>::default();
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "From a request's head to its answer's head",
            Unit::Seconds,
            duration.clone(),
        );
        registry.register_with_unit(
            "stage_duration",
            "What each stage of an answer took: queue is waiting for the network, network is computing in it",
            Unit::Seconds,
            stages.clone(),
        );
        registry.register(
            "histories",
            "Histories sent to be scored, by outcome",
            histories.clone(),
        );
        let explanations = Family::<ExplanationLabels, Counter>::default();
        let verdicts = Family::<VerdictLabels, Counter>::default();
        let fidelity = Histograms::new_with_constructor(fidelities);
        registry.register(
            "explanations",
            "Explanations computed, by method and verdict",
            explanations.clone(),
        );
        registry.register(
            "explanation_verdicts",
            "Explanations computed, by model, method, level and verdict: to be compared with validated_ok_share",
            verdicts.clone(),
        );
        registry.register(
            "explanation_r2_holdout",
            "R² of each surrogate on perturbations that it was not fitted on",
            fidelity.clone(),
        );
        let shadowed = Family::<Shadowed, Counter>::default();
        let differences = Histograms::new_with_constructor(differences);
        registry.register(
            "shadow_histories",
            "Copies of scored histories for a version on trial, by what became of them",
            shadowed.clone(),
        );
        registry.register(
            "shadow_difference",
            "How far an output of a version on trial is from what was answered",
            differences.clone(),
        );
        let records_altered = Counter::default();
        registry.register(
            "records_altered",
            "Reads of a record that does not match its hash, or cannot be read",
            records_altered.clone(),
        );
        let customers = CustomerMetrics::new(&mut registry);
        Self {
            customers,
            registry: Mutex::new(registry),
            requests,
            duration,
            stages,
            histories,
            explanations,
            verdicts,
            fidelity,
            shadowed,
            differences,
            records_altered,
        }
    }

    /// Adds the metrics of the models' networks.
    pub(crate) fn of_networks(&self, models: Arc<Registry>) {
        let mut registry = self.registry.lock();
        registry.register_collector(Box::new(NetworkCollector(models)));
    }

    /// Counts an explanation by its verdict, and observes how faithful each of its surrogates is.
    pub(crate) fn explained(&self, explanation: &Explanation) {
        let method = explanation.method.name.name();
        let verdict = explanation.quality.verdict.name();
        let explained = self
            .explanations
            .get_or_create(&ExplanationLabels { method, verdict });
        explained.inc();
        drop(explained);
        let verdicts = self.verdicts.get_or_create(&VerdictLabels {
            model: explanation.model.name.clone(),
            version: explanation.model.version.clone(),
            method,
            level: explanation.method.level.name(),
            verdict,
        });
        verdicts.inc();
        drop(verdicts);
        let fidelity = self.fidelity.get_or_create(&Explainer { method });
        for target in &explanation.targets {
            if let Some(r2) = target.fidelity.r2_holdout {
                fidelity.observe(r2);
            }
        }
    }

    /// Counts transactions of a customer that were acknowledged.
    pub(crate) fn appended(&self, added: &Added) {
        self.customers.appended(added);
    }

    /// Counts transactions that were refused, since their customer was erased.
    pub(crate) fn refused_after_erasure(&self) {
        self.customers.refused();
    }

    /// Notes how many customers have scorings that are approximate.
    pub(crate) fn approximate_customers(&self, customers: u64) {
        self.customers.approximate(customers);
    }

    /// Counts reads of records that were altered.
    pub(crate) fn records_altered(&self, records: u64) {
        self.records_altered.inc_by(records);
    }

    /// Counts what became of a copy for a version on trial.
    pub(crate) fn shadow(&self, candidate: &ModelIdentity, outcome: ShadowOutcome) {
        let labels = Shadowed {
            model: candidate.name.clone(),
            version: candidate.version.clone(),
            outcome: match outcome {
                ShadowOutcome::Compared => "compared",
                ShadowOutcome::Skipped => "skipped",
                ShadowOutcome::Continued => "continued",
                ShadowOutcome::Failed => "failed",
            },
        };
        self.shadowed.get_or_create(&labels).inc();
    }

    /// Observes how far the version on trial was from the answer, in one output.
    pub(crate) fn shadow_differs(&self, candidate: &ModelIdentity, output: &str, difference: f64) {
        let labels = ShadowOutput {
            model: candidate.name.clone(),
            version: candidate.version.clone(),
            output: output.to_owned(),
        };
        let differences = self.differences.get_or_create(&labels);
        differences.observe(difference);
    }

    /// Counts one answered request.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let requests = self.requests.get_or_create(&RequestLabels {
            method: known_method(method),
            route: route.to_owned(),
            status,
        });
        requests.inc();
        drop(requests);
        let route = Route {
            route: route.to_owned(),
        };
        let duration = self.duration.get_or_create(&route);
        duration.observe(took.as_secs_f64());
    }

    /// Counts the stages that an answer had.
    pub(crate) fn took(&self, timing: &Timing) {
        for (stage, took) in timing.stages() {
            if !took.is_zero() {
                let stage = self.stages.get_or_create(&Stage { stage });
                stage.observe(took.as_secs_f64());
            }
        }
    }

    /// Counts a history by the status of its answer.
    pub(crate) fn history(&self, status: u16) {
        let outcome = match status {
            200 => "scored",
            400..=499 => "refused",
            _ => "failed",
        };
        self.histories.get_or_create(&Outcome { outcome }).inc();
    }

    /// The text of all metrics, in the format of `OpenMetrics`.
    ///
    /// # Errors
    /// When a collector does not write its metrics.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let registry = self.registry.lock();
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }
}
