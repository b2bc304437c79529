//! The declared media type of a body.

use axum::http::{HeaderMap, header};

/// The media types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// One document.
    Json,
    /// A document a line.
    Ndjson,
}

impl MediaType {
    /// With or without parameters; nothing for a body that is compressed or encoded, since nothing here undoes that.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let encoding = headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|value| value != "identity") {
            return None;
        }
        let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let essence = declared.split(';').next()?.trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Some(Self::Json),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "text/x-ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}
