//! NDJSON by HTTP: bodies that arrive line by line, and answers that are read line by line.

use futures_util::stream;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, RequestBuilder, Response};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::ApiClient;

/// The media type.
pub const NDJSON: &str = "application/x-ndjson";

/// A request whose body is NDJSON.
pub fn ndjson_request(server: &ApiClient, path: &str, body: impl Into<Body>) -> RequestBuilder {
    server.post_as(path, NDJSON, body)
}

/// A body that arrives as it is sent through the channel and ends with the channel.
pub fn open_body() -> (UnboundedSender<String>, Body) {
    let (sender, receiver) = unbounded_channel::<String>();
    let parts = stream::unfold(receiver, async |mut receiver| {
        let part = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(part), receiver))
    });
    (sender, Body::wrap_stream(parts))
}

/// The lines of an answer as they arrive.
#[derive(Debug)]
pub struct LineReader {
    response: Response,
    unread: Vec<u8>,
}

impl LineReader {
    /// Sends a request; the answer must be NDJSON with status 200.
    pub async fn send(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], NDJSON);
        assert!(response.headers().contains_key("x-request-id"));
        Self {
            response,
            unread: Vec::new(),
        }
    }

    /// The next line's text; none after the end of the answer.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Some(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            let Some(data) = self.response.chunk().await.unwrap() else {
                assert!(self.unread.is_empty(), "the last line has no end");
                return None;
            };
            self.unread.extend_from_slice(&data);
        }
    }

    /// The next line, which must be there.
    pub async fn line(&mut self) -> Value {
        serde_json::from_str(&self.text().await.unwrap()).unwrap()
    }

    /// All further lines.
    pub async fn rest(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.text().await {
            lines.push(line);
        }
        lines
    }
}
