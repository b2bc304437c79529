//! Explanations and their records, by HTTP: ask for them, list them, erase them, compare them.

use reqwest::header::LOCATION;
use serde_json::Value;

use crate::client::ApiClient;

/// An explanation as it was answered.
pub struct Explanation {
    /// The id of its record.
    pub id: String,
    /// The body of the answer.
    pub bytes: Vec<u8>,
    /// The body, parsed.
    pub document: Value,
}

impl Explanation {
    /// The address of its record.
    pub fn path(&self) -> String {
        format!("/v1/explanations/{}", self.id)
    }
}

/// The explanation of a history; the answer must name the record's address.
pub async fn explain(server: &ApiClient, history: &Value) -> Explanation {
    let response = server.post("/v1/explain", history.to_string()).await;
    let status = response.status();
    let location = response.headers().get(LOCATION).cloned();
    let bytes = response.bytes().await.unwrap().to_vec();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(status, 201, "{document:.500}");
    let id = document["id"].as_str().unwrap().to_owned();
    assert_eq!(location.unwrap(), format!("/v1/explanations/{id}"));
    Explanation {
        id,
        bytes,
        document,
    }
}

/// The members that are equal in every explanation of the same request: all but ids, times and hashes of the chain.
pub fn reproducible(mut explanation: Value) -> Value {
    let members = explanation.as_object_mut().unwrap();
    for name in [
        "id",
        "created_at",
        "request_id",
        "timing_ms",
        "previous_sha256",
        "document_sha256",
        "record_sha256",
    ] {
        assert!(members.remove(name).is_some(), "{name}");
    }
    explanation
}

/// One numeric member of each item in a list.
pub fn numbers(items: &Value, member: &str) -> Vec<f64> {
    let items = items.as_array().unwrap().iter();
    items.map(|item| item[member].as_f64().unwrap()).collect()
}

/// Text with every byte percent-encoded, for one segment of a path or for a query.
pub fn percent_encoded(text: &str) -> String {
    let bytes = text.bytes();
    bytes
        .flat_map(|byte| ["%".to_owned(), hex::encode_upper([byte])])
        .collect()
}

/// Erases a customer; the counts of the answer.
pub async fn erase_customer(server: &ApiClient, customer_id: &str) -> Value {
    let path = format!("/v1/customers/{}", percent_encoded(customer_id));
    let response = server.delete(&path).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// A page of a customer's explanations; `rest` is the rest of the query.
pub async fn page(server: &ApiClient, customer_id: &str, rest: &str) -> Value {
    let customer_id = percent_encoded(customer_id);
    let path = format!("/v1/explanations?customer_id={customer_id}{rest}");
    server.get_json(&path).await
}

/// The ids on a page, in its order.
pub fn ids(page: &Value) -> Vec<String> {
    let explanations = page["explanations"].as_array().unwrap().iter();
    let ids = explanations.map(|explanation| explanation["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The ids of all explanations of a customer, the newest first, from all pages.
pub async fn list(server: &ApiClient, customer_id: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(server, customer_id, &format!("&limit=100{cursor}")).await;
        all.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
