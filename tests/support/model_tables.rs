//! Tables of the reference model, by HTTP, and their numbers.

use serde_json::Value;

use crate::client::ApiClient;

/// A table of the reference model: `/surrogate`, `/segments`, `/attractors`, or its description by the empty name.
pub async fn model_table(server: &ApiClient, name: &str) -> Value {
    let path = format!("/v1/models/spending-personality{name}");
    server.get_json(&path).await
}

/// A list of numbers.
pub fn vector(list: &Value) -> Vec<f64> {
    serde_json::from_value(list.clone()).unwrap()
}

/// A list of rows of numbers.
pub fn matrix(rows: &Value) -> Vec<Vec<f64>> {
    serde_json::from_value(rows.clone()).unwrap()
}
