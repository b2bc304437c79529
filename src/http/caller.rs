//! Who sends a request, by the key in its head, and whether they may.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::admission::{Account, hold_until_written};
use super::connection::Peer;
use super::operation::{RequiredScope, RouteTable};
use super::{ApiError, App};
use microseg_access::{ApiKeys, Key};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The scheme of RFC 6750, and the space after it.
const BEARER: &[u8] = b"bearer ";

/// Who sends a request.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// The server has no keys: everybody may do everything.
    Anyone,
    /// Somebody without a key that the server knows.
    Stranger,
    /// Whoever holds this key.
    Holder(Arc<Key>),
}

impl Caller {
    /// Finds out who it is, and takes the key out of the head: nothing behind this can tell it to anyone.
    pub(super) fn take_from(headers: &mut HeaderMap, keys: &ApiKeys) -> Self {
        let caller = if keys.is_empty() {
            Self::Anyone
        } else {
            let key = presented(headers).and_then(|presented| keys.find(presented));
            key.map_or(Self::Stranger, |key| Self::Holder(key.clone()))
        };
        headers.remove(header::AUTHORIZATION);
        headers.remove(X_API_KEY);
        caller
    }

    /// The name of the key, for the log.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Holder(key) => Some(key.name()),
            Self::Anyone | Self::Stranger => None,
        }
    }

    /// Whose requests this one is counted with.
    fn account(&self, peer: Peer) -> Account {
        match self {
            Self::Holder(key) => Account::Name(key.name().to_owned()),
            Self::Anyone | Self::Stranger => Account::of_peer(peer.0),
        }
    }

    /// Whether the caller's key has the required scope.
    pub(super) fn check(&self, required: RequiredScope) -> Result<(), ApiError> {
        match (required, self) {
            (RequiredScope::Public, _)
            | (_, Self::Anyone)
            | (RequiredScope::AnyKey, Self::Holder(_)) => Ok(()),
            (_, Self::Stranger) => Err(ApiError::Unauthorized),
            (RequiredScope::Scope(scope), Self::Holder(key)) if key.allows(scope) => Ok(()),
            (RequiredScope::Scope(scope), Self::Holder(_)) => Err(ApiError::Forbidden { scope }),
        }
    }
}

/// The key in a request's head: as a bearer token, or by itself.
fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = || {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes();
        let (scheme, key) = value.split_at_checked(BEARER.len())?;
        scheme
            .eq_ignore_ascii_case(BEARER)
            .then(|| key.trim_ascii())
    };
    let alone = || headers.get(X_API_KEY).map(HeaderValue::as_bytes);
    bearer().or_else(alone)
}

/// Lets a request pass to its handler, which is when its body is first looked at, if its caller may and it is not too many.
pub(super) async fn guard(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Extension(peer): Extension<Peer>,
    Extension(table): Extension<RouteTable>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let route = route.as_ref().map(MatchedPath::as_str);
    let required = table.required_scope(request.method(), route);
    let admit = || {
        caller.check(required)?;
        // However busy the server is, its probes are answered.
        if required == RequiredScope::Public {
            return Ok(None);
        }
        app.admission().admit(&caller.account(peer)).map(Some)
    };
    let place = admit()?;
    Ok(hold_until_written(next.run(request).await, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[(HeaderName, &'static str)]) -> Option<Vec<u8>> {
        let mut headers = HeaderMap::new();
        for (name, value) in head {
            headers.append(name, HeaderValue::from_static(value));
        }
        presented(&headers).map(<[u8]>::to_vec)
    }

    #[test]
    fn a_key_is_a_bearer_token_or_stands_alone() {
        assert_eq!(found(&[]), None);
        for scheme in ["Bearer k", "bearer k", "BEARER   k "] {
            assert_eq!(found(&[(header::AUTHORIZATION, scheme)]).unwrap(), b"k");
        }
        assert_eq!(found(&[(header::AUTHORIZATION, "Basic k")]), None);
        assert_eq!(found(&[(header::AUTHORIZATION, "Bearer")]), None);
        // A proxy before the server may have its own use for `authorization`.
        let both = [(header::AUTHORIZATION, "Basic x"), (X_API_KEY, "k")];
        assert_eq!(found(&both).unwrap(), b"k");
    }
}
