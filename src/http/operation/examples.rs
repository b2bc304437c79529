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

/// Transactions that are to be kept.
pub(crate) fn new_transactions() -> Value {
    let some: Vec<Value> = transactions().into_iter().take(2).collect();
    json!({"customer_id": "c-1029", "transactions": some})
}

/// Transactions of several customers, a line each.
pub(crate) fn customer_transactions() -> Vec<Value> {
    let customers = ["c-1029", "c-4711"];
    let lines = transactions().into_iter().zip(customers);
    let named = lines.map(|(mut transaction, customer)| {
        transaction["customer_id"] = customer.into();
        transaction["time_zone"] = "Europe/Berlin".into();
        transaction
    });
    named.collect()
}

/// A kept customer.
pub(crate) fn customer() -> Value {
    json!({
        "customer_id": scoring()["customer_id"], "position": 2, "transactions": 733, "state_sha256": SHA256,
        "scoring": scoring(), "problem": null,
    })
}

/// Its trajectory.
pub(crate) fn customer_trajectory() -> Value {
    let scoring = scoring();
    json!({"customer_id": scoring["customer_id"], "position": 2, "trajectory": scoring["trajectory"]})
}

/// A page of kept customers.
pub(crate) fn customers() -> Value {
    let scoring = scoring();
    let customer = json!({
        "customer_id": scoring["customer_id"], "position": 2, "transactions": 733, "scored_position": 2,
        "model": scoring["model"]["name"], "segment": scoring["segment"]["id"],
    });
    json!({"customers": [customer], "next_cursor": null})
}

/// A digest.
const SHA256: &str = "0f7c9a4d1c5be0ad6a3f2c2a2df3d9d0a0a1d4a87a26be6ad2e1f6a1f9c6f5b2";

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
