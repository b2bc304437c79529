//! Pages and pictures as answers, with what a browser may do with them.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::ApiError;
use crate::request::Caller;
use microseg_pages::{Frame, PageError};

/// The server's own script, which may ask this server; else as [`PAGE_POLICY`].
const LIVE_PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// No scripts, nothing from elsewhere, forms to this server only.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The style is in the picture; others may show it.
const PICTURE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The frame of a page of this server; `here` is the page's address among the links.
pub(crate) fn frame<'a>(caller: &'a Caller, here: &'a str) -> Frame<'a> {
    Frame::Server {
        signed_in: caller.name(),
        here,
    }
}

/// A page as an answer.
///
/// # Errors
/// [`ApiError::Page`] when it could not be made.
pub(crate) fn page(page: Result<String, PageError>) -> Result<Response, ApiError> {
    page_with_status(StatusCode::OK, page)
}

/// A page as an answer with a status.
///
/// # Errors
/// As [`page`].
pub(crate) fn page_with_status(
    status: StatusCode,
    page: Result<String, PageError>,
) -> Result<Response, ApiError> {
    let heads = heads("text/html; charset=utf-8", PAGE_POLICY);
    Ok((status, heads, page?).into_response())
}

/// A page that follows what it shows, by the server's own script.
///
/// # Errors
/// As [`page`].
pub(crate) fn live_page(page: Result<String, PageError>) -> Result<Response, ApiError> {
    let heads = heads("text/html; charset=utf-8", LIVE_PAGE_POLICY);
    Ok((heads, page?).into_response())
}

/// A figure as an answer.
pub(crate) fn picture(svg: String) -> Response {
    (heads("image/svg+xml", PICTURE_POLICY), svg).into_response()
}

/// A page may show a customer's data: no browser keeps it, and no other site learns its address.
fn heads(media_type: &'static str, policy: &'static str) -> [(HeaderName, HeaderValue); 6] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept, cookie")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(policy),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        // Without any referrer a browser would not tell a form's origin.
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
    ]
}
