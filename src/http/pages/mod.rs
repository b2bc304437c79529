//! `/openapi.json`, and `/docs`, which is also `/`: the interface to read, by programs and by people.
//!
//! All of it is made from the code once and served from memory. The page loads its own style and nothing else.

mod html;
mod render;

use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use super::{App, openapi};

/// A browser may do nothing but show the page in its own style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/", get(page))
        .route("/docs", get(page))
        .route("/docs/style.css", get(style))
        .route("/openapi.json", get(document))
}

/// A text that stays the same as long as the program does.
struct Fixed {
    text: Bytes,
    media_type: &'static str,
    /// Its hash: whoever has it already need not load it again.
    tag: String,
}

impl Fixed {
    fn new(text: impl Into<Bytes>, media_type: &'static str) -> Self {
        let text = text.into();
        let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
        Self {
            text,
            media_type,
            tag,
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let kept = headers.get_all(header::IF_NONE_MATCH).into_iter();
        let is_kept = kept
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim().trim_start_matches("W/") == self.tag);
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

static DOCUMENT: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new(openapi::text(), "application/json"));

static PAGE: LazyLock<Fixed> = LazyLock::new(|| {
    let page = render::page(&openapi::document());
    Fixed::new(page, "text/html; charset=utf-8")
});

static STYLE: LazyLock<Fixed> =
    LazyLock::new(|| Fixed::new(include_str!("style.css"), "text/css; charset=utf-8"));

async fn document(headers: HeaderMap) -> Response {
    DOCUMENT.answer(&headers)
}

async fn page(headers: HeaderMap) -> Response {
    PAGE.answer(&headers)
}

async fn style(headers: HeaderMap) -> Response {
    STYLE.answer(&headers)
}
