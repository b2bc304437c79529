//! Origin of a form: whether a browser says that a page of this server sent it.

use axum::http::{HeaderMap, HeaderName, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a form comes from, as the browser tells it: a page cannot change these headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormOrigin {
    /// A page of this server.
    Here,
    /// A page of another site, or of another origin of the same site.
    Elsewhere,
    /// Nothing is said, as by a program that is no browser.
    Unknown,
}

impl FormOrigin {
    /// By `sec-fetch-site`, which browsers send over TLS and to loopback, or else by `origin` and `host`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if let Some(site) = headers.get(SEC_FETCH_SITE) {
            return if site == "same-origin" {
                Self::Here
            } else {
                Self::Elsewhere
            };
        }
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Self::Unknown;
        };
        let authority = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"));
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        match (authority, host) {
            (Some((_, authority)), Some(host)) if authority.eq_ignore_ascii_case(host) => {
                Self::Here
            }
            _ => Self::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(head: &[(&'static str, &'static str)]) -> FormOrigin {
        let mut headers = HeaderMap::new();
        for (name, value) in head {
            headers.append(*name, HeaderValue::from_static(value));
        }
        FormOrigin::of(&headers)
    }

    #[test]
    fn only_a_page_of_this_origin_is_here() {
        assert_eq!(of(&[]), FormOrigin::Unknown);
        assert_eq!(of(&[("sec-fetch-site", "same-origin")]), FormOrigin::Here);
        for site in ["same-site", "cross-site", "none", ""] {
            let origin = ("origin", "http://a:80");
            let head = [("sec-fetch-site", site), origin, ("host", "a:80")];
            assert_eq!(of(&head), FormOrigin::Elsewhere, "{site}");
        }
        let of_origin = |origin| of(&[("origin", origin), ("host", "a:8080")]);
        assert_eq!(of_origin("http://a:8080"), FormOrigin::Here);
        assert_eq!(of_origin("https://A:8080"), FormOrigin::Here);
        for origin in [
            "null",
            "http://a",
            "http://b:8080",
            "http://a:8080.evil",
            "",
        ] {
            assert_eq!(of_origin(origin), FormOrigin::Elsewhere, "{origin}");
        }
    }
}
