//! `GET /metrics`: what the server has done and how long it took, for Prometheus. No label holds customer data.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::{ApiError, App};
use crate::model::NetworkMetrics;
use crate::timing::Timing;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn router() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, ApiError> {
    let text = app.metrics().text()?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
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

/// The method's name; a caller may invent methods, and labels must stay few.
fn known(method: &Method) -> &'static str {
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

type Durations<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// 10 µs to 10 s, each twice the one before.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(1e-5, 2.0, 21))
}

/// All metrics of a server.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    duration: Durations<Route>,
    stages: Durations<Stage>,
    histories: Family<Outcome, Counter>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("microseg");
        let requests = Family::<Answered, Counter>::default();
        let duration = Durations::new_with_constructor(buckets);
        let stages = Durations::new_with_constructor(buckets);
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
        Self {
            registry: Mutex::new(registry),
            requests,
            duration,
            stages,
            histories,
        }
    }

    /// From now on, the network's metrics are told too.
    pub(super) fn of_network(&self, metrics: &NetworkMetrics) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.register(&mut registry);
    }

    /// Counts one answered request.
    pub(super) fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let requests = self.requests.get_or_create(&Answered {
            method: known(method),
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
    pub(super) fn took(&self, timing: &Timing) {
        for (stage, took) in timing.stages() {
            if !took.is_zero() {
                let stage = self.stages.get_or_create(&Stage { stage });
                stage.observe(took.as_secs_f64());
            }
        }
    }

    /// Counts a history by the status of its answer.
    pub(super) fn history(&self, status: u16) {
        let outcome = match status {
            200 => "scored",
            400..=499 => "refused",
            _ => "failed",
        };
        self.histories.get_or_create(&Outcome { outcome }).inc();
    }

    fn text(&self) -> Result<String, ApiError> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|_| ApiError::Interrupted)?;
        Ok(text)
    }
}
