//! Signing in: a page asks for a key, and the browser keeps it until it is closed.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequest, State};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::{BodyExt as _, Limited};
use percent_encoding::percent_decode;

use crate::operation::{Operation, RequiredScope};
use crate::request::{Caller, FormOrigin, session_cookie};
use crate::{ApiError, App, pages};
use microseg_access::ApiKeys;
use microseg_pages::{Frame, sign_in_page};

/// The form is a key and an address.
const LARGEST_FORM: usize = 8 * 1024;

/// How long the form may take to arrive.
const FORM_TIMEOUT: Duration = Duration::from_secs(10);

/// The frame of who has no key yet.
const STRANGER: Frame<'static> = Frame::Server {
    signed_in: None,
    here: "",
};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/sign-in", RequiredScope::Public, show).page(),
        Operation::post("/sign-in", RequiredScope::Public, sign_in).page(),
        Operation::post("/sign-out", RequiredScope::Public, sign_out).page(),
    ]
}

async fn show(Extension(caller): Extension<Caller>) -> Result<Response, ApiError> {
    match caller {
        Caller::Open | Caller::Key(_) => Ok(Redirect::to("/").into_response()),
        Caller::Unauthenticated => pages::page(sign_in_page(None, "/", &STRANGER)),
    }
}

/// The fields of the form.
#[derive(Default)]
struct SignIn {
    key: String,
    to: String,
}

impl FromRequest<App> for SignIn {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _: &App) -> Result<Self, ApiError> {
        let body = Limited::new(request.into_body(), LARGEST_FORM).collect();
        let body = tokio::time::timeout(FORM_TIMEOUT, body).await;
        let body = body.map_err(|_| ApiError::BodyTimeout)?;
        let body = body.map_err(|_| ApiError::BodyTooLarge {
            limit: LARGEST_FORM,
        })?;
        Ok(Self::read(&body.to_bytes()))
    }
}

impl SignIn {
    /// Reads `application/x-www-form-urlencoded`.
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for field in body.split(|byte| *byte == b'&') {
            let mut parts = field.splitn(2, |byte| *byte == b'=');
            let (name, value) = (parts.next(), parts.next().unwrap_or_default());
            let value: Vec<u8> = value
                .iter()
                .map(|&byte| if byte == b'+' { b' ' } else { byte })
                .collect();
            let value = percent_decode(&value).decode_utf8().unwrap_or_default();
            match name {
                Some(b"key") => value.trim().clone_into(&mut form.key),
                Some(b"to") => form.to = value.into_owned(),
                _ => {}
            }
        }
        form
    }

    /// Where to go: an address on this server, or the first page.
    fn target(&self) -> &str {
        let is_here = self.to.starts_with('/')
            && !self.to.starts_with("//")
            && self
                .to
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if is_here { &self.to } else { "/" }
    }
}

async fn sign_in(
    State(keys): State<Arc<ApiKeys>>,
    headers: HeaderMap,
    form: SignIn,
) -> Result<Response, ApiError> {
    // A page of another site could sign a browser in with a key of its own.
    if FormOrigin::of(&headers) == FormOrigin::Elsewhere {
        return Err(ApiError::CrossSite);
    }
    if keys.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let is_secure = headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let cookie = keys
        .find(form.key.as_bytes())
        .and_then(|_| session_cookie::keep(&form.key, is_secure));
    let Some(cookie) = cookie else {
        let page = sign_in_page(
            Some("The server does not know this key."),
            form.target(),
            &STRANGER,
        );
        let mut response = pages::page_with_status(StatusCode::UNAUTHORIZED, page)?;
        let bearer = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, bearer);
        return Ok(response);
    };
    Ok(with_cookie(form.target(), Some(cookie)))
}

async fn sign_out(headers: HeaderMap) -> Result<Response, ApiError> {
    if FormOrigin::of(&headers) == FormOrigin::Elsewhere {
        return Err(ApiError::CrossSite);
    }
    Ok(with_cookie("/", session_cookie::forget()))
}

fn with_cookie(to: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(to).into_response();
    let headers = response.headers_mut();
    headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_leads_to_this_server_only() {
        let form = SignIn::read(b"key=+msk_%C3%A4+&to=%2Frecords%3Fcustomer_id%3Da");
        assert_eq!(form.key, "msk_ä");
        assert_eq!(form.target(), "/records?customer_id=a");
        for to in [
            "",
            "records",
            "//evil",
            "/\\evil",
            "https://evil",
            "/a\r\nb",
            "/ä",
        ] {
            let form = SignIn {
                to: to.to_owned(),
                ..SignIn::default()
            };
            assert_eq!(form.target(), "/", "{to}");
        }
    }
}
