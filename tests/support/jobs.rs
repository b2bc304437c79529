//! Jobs, by HTTP: queue explanations and wait for them.

use reqwest::Response;
use serde_json::{Value, json};

use crate::client::ApiClient;
use crate::wait::eventually;

/// The answer to a request for an explanation as a job.
pub async fn request_job(server: &ApiClient, history: &Value) -> Response {
    let request = server.post_as("/v1/explain", "application/json", history.to_string());
    let request = request.header("prefer", "respond-async");
    request.send().await.unwrap()
}

/// Queues a job, which must be accepted; its id.
pub async fn queue_job(server: &ApiClient, history: &Value) -> String {
    let response = request_job(server, history).await;
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let job: Value = response.json().await.unwrap();
    let id = job["id"].as_str().unwrap();
    assert_eq!(location, format!("/v1/jobs/{id}"));
    let expected = json!({"id": id, "status": "queued", "explanation": null, "problem": null});
    assert_eq!(job, expected);
    id.to_owned()
}

/// The status of a job that must not have failed.
pub async fn job_status(server: &ApiClient, id: &str) -> String {
    let response = server.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!(response.status(), 200);
    let has_retry_after = response.headers().contains_key("retry-after");
    let job: Value = response.json().await.unwrap();
    let status = job["status"].as_str().unwrap().to_owned();
    let is_unfinished = ["queued", "running"].contains(&&*status);
    assert_eq!(has_retry_after, is_unfinished, "{job}");
    assert_ne!(status, "failed", "{job}");
    status
}

/// Waits until a job is no longer queued.
pub async fn await_started(server: &ApiClient, id: &str) {
    let is_started = async || (job_status(server, id).await != "queued").then_some(());
    eventually("the job runs", is_started).await;
}

/// Waits until a job is done.
pub async fn await_done(server: &ApiClient, id: &str) {
    let is_done = async || (job_status(server, id).await == "done").then_some(());
    eventually("the job is done", is_done).await;
}
