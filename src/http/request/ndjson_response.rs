//! NDJSON answers whose lines are written while the body of the request arrives.

use axum::http::HeaderValue;
use axum::response::Response;
use serde::Serialize;

use super::answer_parts::{PartSender, answer_in_parts};

/// The media type of newline-delimited JSON.
pub(crate) const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Answers at once with a head; `work` sends the lines.
pub(crate) fn answer_with_lines<F>(work: impl FnOnce(PartSender) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    answer_in_parts(NDJSON, work)
}

/// Adds a document and the end of its line.
pub(crate) fn write_line(text: &mut Vec<u8>, document: &impl Serialize) {
    // Numbers and strings can always be written to memory.
    if serde_json::to_writer(&mut *text, document).is_ok() {
        text.push(b'\n');
    }
}
