//! Probes, metrics, administration, and the pages that tell of all this.

use serde_json::{Value, json};

use super::operation::Operation;
use super::schemas::Schemas;
use super::{examples, parameters};
use crate::admin::Reloaded;
use crate::health::Health;
use microseg_problem::ProblemKind;

const TAG: &str = "operations";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let operation = |method, path, id, summary| Operation::new((method, path), id, TAG, summary);
    let live = schemas.answer::<Health>(json!({"status": "live"}));
    let ready = schemas.answer::<Health>(json!({"status": "ready"}));
    let reloaded = schemas.answer::<Reloaded>(examples::reloaded());
    let text = |example: &str| json!({"schema": {"type": "string"}, "example": example});
    let page = |path, id| {
        let summary = "Read about all this";
        let page = json!({"schema": {"type": "string"}, "example": "<!DOCTYPE html>"});
        fixed(
            operation("GET", path, id, summary),
            "The page.",
            "text/html",
            page,
        )
    };
    vec![
        page("/", "get_page"),
        page("/docs", "get_docs"),
        fixed(
            operation("GET", "/docs/style.css", "get_style", "The page's style"),
            "The style.",
            "text/css",
            text(":root { color-scheme: light dark; }"),
        ),
        fixed(
            operation("GET", "/openapi.json", "get_openapi", "This document"),
            "The document.",
            "application/json",
            json!({"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}),
        ),
        operation(
            "GET",
            "/health/live",
            "get_live",
            "Whether the process answers",
        )
        .answers_json(200, "It does.", live),
        operation(
            "GET",
            "/health/ready",
            "get_ready",
            "Whether the server takes work",
        )
        .says("From when the models are warm until the server drains.")
        .answers_json(200, "It does.", ready)
        .fails(&[ProblemKind::NotReady]),
        operation("GET", "/metrics", "get_metrics", "Metrics for Prometheus").answers(
            200,
            "OpenMetrics text.",
            Some((
                "application/openmetrics-text",
                text("# TYPE microseg_requests counter\n# EOF\n"),
            )),
        ),
        operation(
            "POST",
            "/v1/admin/reload",
            "reload_models",
            "Look into the folder of models again",
        )
        .says("As SIGHUP does. A bundle that does not load is refused, and what it would have replaced goes on serving.")
        .answers_json(
            200,
            "What became of every bundle.",
            reloaded)
        .fails(&[ProblemKind::BundleRefused, ProblemKind::NotReady]),
    ]
}

/// What is the same as long as the program is, and need not be loaded twice.
fn fixed(operation: Operation, says: &str, media_type: &str, content: Value) -> Operation {
    let tag = json!({"$ref": "#/components/headers/EntityTag"});
    operation
        .takes(parameters::if_none_match())
        .answers(200, says, Some((media_type, content)))
        .with_header(200, "etag", tag.clone())
        .answers(304, "What the caller has is still true.", None)
        .with_header(304, "etag", tag)
}
