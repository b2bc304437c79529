//! Query of a request, as UTF-8.

use axum::extract::Query;
use axum::http::Uri;
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;

/// The parameters in the query of an address; `None` when it is not UTF-8, or not made of them. axum's parser replaces
/// what is not UTF-8: an id that has the replacement character itself could not be told apart.
pub(crate) fn parse_query<T: DeserializeOwned>(address: &Uri) -> Option<T> {
    if !is_utf8(address.query().unwrap_or_default().as_bytes()) {
        return None;
    }
    let query = Query::try_from_uri(address).ok();
    query.map(|Query(query)| query)
}

/// Whether a query is UTF-8 once its percent-encoding is undone.
fn is_utf8(query: &[u8]) -> bool {
    percent_decode(query).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacement_character_is_told_from_what_is_replaced() {
        for query in [
            "",
            "a=b&c",
            "a=%EF%BF%BD",
            "a=%ef%bf%bd",
            "a=\u{fffd}",
            "a=100%",
            "a=%zz",
            "a=%c3%a9",
        ] {
            assert!(is_utf8(query.as_bytes()), "{query}");
        }
        for query in ["a=%FF", "a=%EF%BF", "a=%EF%BF%BD%80", "%c3"] {
            assert!(!is_utf8(query.as_bytes()), "{query}");
        }
    }
}
