//! Whether the caller is a browser that shows pages: `text/html` in `accept`, before JSON.

use axum::http::{HeaderMap, header};

/// Whether a page is wanted rather than a document. A caller that takes anything, as programs do, gets the document.
pub(crate) fn prefers_page(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let (mut page, mut document) = (0.0, 0.0);
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality: f64 = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => page = quality.max(page),
            "application/json" | "application/problem+json" => document = quality.max(document),
            _ => {}
        }
    }
    page > 0.0 && page >= document
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn prefers(accept: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        prefers_page(&headers)
    }

    #[test]
    fn only_who_names_html_gets_a_page() {
        assert!(!prefers_page(&HeaderMap::new()));
        assert!(prefers(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(prefers("Text/HTML; q=0.5, */*"));
        for accept in [
            "*/*",
            "application/json",
            "text/html;q=0",
            "text/*",
            "application/json, text/html;q=0.9",
        ] {
            assert!(!prefers(accept), "{accept}");
        }
    }
}
