//! `GET /metrics`: counters and histograms of the server, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use crate::ApiError;
use crate::operation::{Answer, Operation, RequiredScope, Tag, raw};
use crate::state::Telemetry;
use microseg_access::Scope;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/metrics",
            RequiredScope::WholeServer(Scope::Admin),
            metrics,
        )
        .probe()
        .named("get_metrics", Tag::Operations, "Metrics for Prometheus")
        .answer(Answer::new(
            200,
            "OpenMetrics text.",
            raw("application/openmetrics-text", || {
                let example = "# TYPE microseg_requests counter\n# EOF\n";
                json!({"schema": {"type": "string"}, "example": example})
            }),
        )),
    ]
}

async fn metrics(State(telemetry): State<Telemetry>) -> Result<impl IntoResponse, ApiError> {
    let text = telemetry.metrics().text();
    let text = text.map_err(|_| ApiError::Interrupted)?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text))
}
