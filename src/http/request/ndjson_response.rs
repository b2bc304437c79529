//! NDJSON answers whose lines are written while the body of the request arrives.

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

/// The client has closed its connection.
#[derive(Debug)]
pub(crate) struct Disconnected;

/// The sender of an answer's lines. Dropped before [`LineSender::end`], it aborts the connection, so that no incomplete
/// answer looks complete.
pub(crate) struct LineSender(Option<Sender<Bytes, io::Error>>);

impl LineSender {
    /// Sends some lines, once the client has read those before.
    ///
    /// # Errors
    /// When the client has closed its connection.
    pub(crate) async fn send(&mut self, text: Vec<u8>) -> Result<(), Disconnected> {
        let sender = self.0.as_mut().ok_or(Disconnected)?;
        sender
            .send_data(text.into())
            .await
            .map_err(|_| Disconnected)
    }

    /// Ends the answer: it is complete.
    pub(crate) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for LineSender {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.abort(io::Error::other("the answer is not complete"));
        }
    }
}

/// Answers at once with a head; `work` sends the lines.
pub(crate) fn answer_with_lines<F>(work: impl FnOnce(LineSender) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    // One chunk may wait until the client reads; then the work waits too.
    let (sender, body) = Channel::new(1);
    let work = AssertUnwindSafe(work(LineSender(Some(sender))));
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
pub(crate) fn write_line(text: &mut Vec<u8>, document: &impl Serialize) {
    // Numbers and strings can always be written to memory.
    if serde_json::to_writer(&mut *text, document).is_ok() {
        text.push(b'\n');
    }
}
