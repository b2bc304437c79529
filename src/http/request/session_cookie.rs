//! Cookie in which a browser keeps a key until it is closed.
//!
//! It holds the key itself, so that it is good at every server that knows the key, has the key's scopes, and ends with the key.
//! No script can read it, and no other site's page makes the browser send it.

use axum::http::{HeaderMap, HeaderValue, header};

const NAME: &str = "microseg-key";

/// A longer one is no key, in bytes.
const LONGEST_KEY: usize = 512;

/// The key in the cookies of a request; `None` without one.
pub(super) fn key(headers: &HeaderMap) -> Option<Vec<u8>> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, text) = pairs.find(|(name, _)| *name == NAME)?;
    if text.len() > 2 * LONGEST_KEY {
        return None;
    }
    hex::decode(text).ok()
}

/// The header that gives a browser a key; `None` for what cannot be one. `is_secure`: the browser came by TLS.
pub(crate) fn keep(key: &str, is_secure: bool) -> Option<HeaderValue> {
    let fits = (1..=LONGEST_KEY).contains(&key.len());
    fits.then(|| cookie(&hex::encode(key), "", is_secure))
        .flatten()
}

/// The header that takes the key from a browser.
pub(crate) fn forget() -> Option<HeaderValue> {
    cookie("", "; Max-Age=0", false)
}

fn cookie(value: &str, age: &str, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_key_is_found_among_other_cookies() {
        let given = keep("msk_ä;=", true).unwrap();
        let given = given.to_str().unwrap();
        assert!(given.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
        let pair = given.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=b; microseg-keys=00"),
        );
        assert_eq!(key(&headers), None);
        let cookie = format!("c=d;{pair} ; e");
        headers.append(header::COOKIE, HeaderValue::try_from(cookie).unwrap());
        assert_eq!(key(&headers).unwrap(), "msk_ä;=".as_bytes());
        assert!(keep("", false).is_none() && keep(&"x".repeat(513), false).is_none());
    }
}
