//! Examples of requests and answers: recorded from the running server, and held against it by a test.

use serde_json::{Value, json};

macro_rules! recorded {
    ($($(#[$about:meta])* $name:ident = $file:literal;)*) => {
        $(
            $(#[$about])*
            pub(crate) fn $name() -> Value {
                read(include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/../..",
                    "/openapi/examples/",
                    $file
                )))
            }
        )*
    };
}

recorded! {
    score_request = "score.request.json";
    scoring = "score.json";
    explain_request = "explain.request.json";
    explanation = "explain.json";
    queued = "job.json";
    explanations = "explanations.json";
    agreement = "verify.json";
    audit_head = "audit_head.json";
    models = "models.json";
    model = "model.json";
    surrogate = "surrogate.json";
    segments = "segments.json";
    attractors = "attractors.json";
    infer_request = "infer.request.json";
    inference = "infer.json";
    metadata = "metadata.json";
    reloaded = "reload.json";
    stream = "stream.json";
}

/// A job that has ended.
pub(crate) fn done() -> Value {
    let mut job = queued();
    let id = job["id"].as_str().unwrap_or_default();
    job["explanation"] = format!("/v1/explanations/{id}").into();
    job["status"] = "done".into();
    job
}

/// The transactions of a history, in the order of time.
pub(crate) fn transactions() -> Vec<Value> {
    items(&score_request()["transactions"])
}

/// The events of their stream.
pub(crate) fn events() -> Vec<Value> {
    let late = json!({"event": "late", "line": 6, "id": "t-78", "period": "2019"});
    items(&stream()).into_iter().chain([late]).collect()
}

fn items(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A test checks that every file is JSON.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
