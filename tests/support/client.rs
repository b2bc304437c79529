//! HTTP client of one server, with the requests that tests send most.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, Client, Method, RequestBuilder, Response};
use serde_json::Value;

use crate::wait::TIME_LIMIT;

/// Time after which an unused connection is not used again. It is shorter than the server's own limit: a test that runs
/// a command meanwhile does not notice that the server closes the connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

/// Client of one server. Its connections belong to the runtime of one test: each test has a client of its own.
#[derive(Debug)]
pub struct ApiClient {
    http: Client,
    address: String,
}

impl ApiClient {
    /// Client of the server at `HOST:PORT`.
    pub fn new(address: &str) -> Self {
        let http = Client::builder()
            .timeout(TIME_LIMIT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        Self {
            http: http.build().unwrap(),
            address: address.to_owned(),
        }
    }

    /// The client of reqwest, for requests to other addresses.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A POST request with a body of some type, to be completed.
    pub fn post_as(&self, path: &str, content_type: &str, body: impl Into<Body>) -> RequestBuilder {
        let request = self.request(Method::POST, path);
        request.header(CONTENT_TYPE, content_type).body(body)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await.unwrap()
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Response {
        let request = self.post_as(path, "application/json", body);
        request.send().await.unwrap()
    }

    /// The body of the answer to a POST of JSON that must have this status.
    pub async fn ask(&self, path: &str, body: &Value, status: u16) -> Value {
        let response = self.post(path, body.to_string()).await;
        let found = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(found, status, "{:.500}", answer.to_string());
        answer
    }

    /// The body of the answer to a GET.
    pub async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {answer:.500}");
        answer
    }
}

/// The problem in an answer with this status; its form is checked.
pub async fn problem(response: Response, status: u16) -> Value {
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let found = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    assert_eq!(content_type.unwrap(), "application/problem+json");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status);
    for member in ["type", "title", "detail"] {
        assert!(problem[member].is_string(), "{member} in {problem}");
    }
    problem
}
