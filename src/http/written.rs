//! An answer whose lines are written while the body of its request arrives.

use std::io;
use std::panic::AssertUnwindSafe;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http_body_util::channel::{Channel, Sender};
use serde::Serialize;
use tracing::Instrument as _;

/// The media type of newline-delimited JSON.
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Nobody reads any more.
#[derive(Debug)]
pub(super) struct Left;

/// The lines that have been answered. One that is dropped before its end breaks the connection off, so that no answer
/// looks complete that is not.
pub(super) struct Written(Option<Sender<Bytes, io::Error>>);

impl Written {
    /// Hands over some lines, once the client has read those before.
    pub(super) async fn send(&mut self, text: Vec<u8>) -> Result<(), Left> {
        let sender = self.0.as_mut().ok_or(Left)?;
        sender.send_data(text.into()).await.map_err(|_| Left)
    }

    /// Nothing more will be written: the answer is complete.
    pub(super) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.abort(io::Error::other("the answer is not complete"));
        }
    }
}

/// Answers at once with a head; `work` writes the lines.
pub(super) fn answer_with_lines<F>(work: impl FnOnce(Written) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    // One chunk may wait for the client to read it; then the work waits too.
    let (sender, body) = Channel::new(1);
    let work = AssertUnwindSafe(work(Written(Some(sender))));
    let caught = async {
        if work.catch_unwind().await.is_err() {
            // The hook has logged where it happened.
            tracing::error!("the answer was broken off");
        }
    };
    tokio::spawn(caught.in_current_span());
    ([(header::CONTENT_TYPE, NDJSON)], Body::new(body)).into_response()
}

/// Adds a document and the end of its line.
pub(super) fn write_line(text: &mut Vec<u8>, document: &impl Serialize) {
    // Numbers and strings can always be written to memory.
    if serde_json::to_writer(&mut *text, document).is_ok() {
        text.push(b'\n');
    }
}
