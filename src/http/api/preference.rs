//! Preference of a caller to be answered later, with jobs (RFC 7240).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use schemars::json_schema;

use crate::operation::Parameter;

const PREFER: HeaderName = HeaderName::from_static("prefer");

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference of RFC 7240, section 4.1.
const RESPOND_ASYNC: &str = "respond-async";

/// Whether to answer with jobs.
pub(crate) struct RespondAsync(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for RespondAsync {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(prefers_async(&parts.headers)))
    }
}

/// The header of a request in the document; its description says what is got.
pub(crate) fn parameter(description: &'static str) -> Parameter {
    Parameter::in_header(
        "prefer",
        description,
        |_| json_schema!({"type": "string"}),
        RESPOND_ASYNC,
    )
}

/// The header of an answer that says that the preference was met.
pub(crate) fn applied() -> (HeaderName, String) {
    (PREFERENCE_APPLIED, RESPOND_ASYNC.to_owned())
}

/// Whether one of the caller's preferences is to be answered later.
fn prefers_async(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all(PREFER).into_iter();
    preferences
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|preference| preference.split(';').next())
        .any(|preference| preference.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_preference_is_found_among_others() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(PREFER, HeaderValue::from_static("handling=lenient"));
            headers.append(PREFER, HeaderValue::from_static(value));
            prefers_async(&headers)
        };
        assert!(asks("respond-async"));
        assert!(asks("wait=5, Respond-Async; foo=bar"));
        assert!(!asks("return=minimal"));
        assert!(!asks("not-respond-async"));
    }
}
