//! Entity tags of answers, which a client may have already.

use axum::http::{HeaderMap, header};

/// Whether the request names the tag, quotes included, in `if-none-match`: its client has the answer already.
pub(crate) fn is_current(headers: &HeaderMap, tag: &str) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).into_iter();
    named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|named| named.trim().trim_start_matches("W/") == tag)
}
