//! File that stays the same as long as the program runs: served from memory, and not sent again where it is kept.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::request::is_current;

/// A browser may do nothing but show the page in its own style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A text with its media type and hash.
pub(super) struct StaticFile {
    text: Bytes,
    media_type: &'static str,
    /// The hash, by which a client that keeps the text asks for a newer one.
    tag: String,
}

impl StaticFile {
    pub(super) fn new(text: impl Into<Bytes>, media_type: &'static str) -> Self {
        let text = text.into();
        let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
        Self {
            text,
            media_type,
            tag,
        }
    }

    /// The text, or 304 where the request names its hash.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let is_kept = is_current(headers, &self.tag);
        let heads: [(HeaderName, HeaderValue); 3] = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
        ];
        let tag = [(header::ETAG, self.tag.as_str())];
        if is_kept {
            return (StatusCode::NOT_MODIFIED, heads, tag).into_response();
        }
        let of_type = [(header::CONTENT_TYPE, self.media_type)];
        (heads, tag, of_type, self.text.clone()).into_response()
    }
}
