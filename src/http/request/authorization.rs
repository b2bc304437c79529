//! Authorization of requests by the key in their head, and their admission.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::form_origin::FormOrigin;
use super::session_cookie;
use crate::ApiError;
use crate::held_body::hold_until_written;
use crate::operation::{RequiredScope, RouteTable};
use crate::server::Peer;
use crate::state::{Account, AdmissionControl, AnswerMemory};
use microseg_access::{ApiKeys, Key, Tenant};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The scheme of RFC 6750, and the space after it.
const BEARER: &[u8] = b"bearer ";

/// The caller of a request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// The server has no keys: every caller may do everything.
    Open,
    /// A caller without a key that the server knows.
    Unauthenticated,
    /// A caller with this key.
    Key(Arc<Key>),
}

impl Caller {
    /// Finds the caller by its key, and removes the key from the head, so that no handler can give it away.
    pub(super) fn take_from(method: &Method, headers: &mut HeaderMap, keys: &ApiKeys) -> Self {
        let caller = if keys.is_empty() {
            Self::Open
        } else {
            let key = match presented(headers) {
                Some(presented) => keys.find(presented),
                None => kept_key(method, headers).and_then(|kept| keys.find(&kept)),
            };
            key.map_or(Self::Unauthenticated, |key| Self::Key(key.clone()))
        };
        headers.remove(header::AUTHORIZATION);
        headers.remove(header::COOKIE);
        headers.remove(X_API_KEY);
        caller
    }

    /// The name of the key, for the log.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key.name()),
            Self::Open | Self::Unauthenticated => None,
        }
    }

    /// The tenant that the caller belongs to.
    fn tenant(&self) -> Tenant {
        match self {
            Self::Key(key) => key.tenant().clone(),
            Self::Open | Self::Unauthenticated => Tenant::default(),
        }
    }

    /// The account that the request is counted in.
    fn account(&self, peer: Peer) -> Account {
        match self {
            Self::Key(key) if key.tenant().is_default() => Account::Name(key.name().into()),
            Self::Key(key) => Account::Name(format!("{}@{}", key.name(), key.tenant()).into()),
            Self::Open | Self::Unauthenticated => Account::of_peer(peer.0),
        }
    }

    /// Checks that the caller's key has the required scope.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] without a known key, [`ApiError::Forbidden`] with a key without the scope.
    pub(crate) fn check(&self, required: RequiredScope) -> Result<(), ApiError> {
        match (required, self) {
            (RequiredScope::WholeServer(scope), Self::Key(key)) if !key.tenant().is_default() => {
                Err(ApiError::WholeServer { scope })
            }
            (RequiredScope::WholeServer(scope), Self::Key(_)) => {
                self.check(RequiredScope::Scope(scope))
            }
            (RequiredScope::Public, _)
            | (_, Self::Open)
            | (RequiredScope::AnyKey, Self::Key(_)) => Ok(()),
            (_, Self::Unauthenticated) => Err(ApiError::Unauthorized),
            (RequiredScope::Scope(scope), Self::Key(key)) if key.allows(scope) => Ok(()),
            (RequiredScope::Scope(scope), Self::Key(_)) => Err(ApiError::Forbidden { scope }),
        }
    }
}

/// The key that a browser keeps. What changes something must come from a page of this server: a browser sends a cookie
/// whoever asks it to.
fn kept_key(method: &Method, headers: &HeaderMap) -> Option<Vec<u8>> {
    let is_wanted = method.is_safe() || FormOrigin::of(headers) == FormOrigin::Here;
    is_wanted.then(|| session_cookie::key(headers)).flatten()
}

/// The key in a request's head: a bearer token, or the value of `x-api-key`.
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

/// Middleware: passes a request to its handler if its caller has the scope and the limits allow it. No byte of the body is
/// read before.
pub(crate) async fn authorize(
    (State(admission), State(answers)): (State<AdmissionControl>, State<AnswerMemory>),
    Extension(caller): Extension<Caller>,
    Extension(peer): Extension<Peer>,
    Extension(table): Extension<RouteTable>,
    route: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let route = route.as_ref().map(MatchedPath::as_str);
    let required = table.required_scope(request.method(), route);
    caller.check(required)?;
    // Probes are answered also when the server is busy.
    if required == RequiredScope::Public {
        return Ok(next.run(request).await);
    }
    let account = caller.account(peer);
    let place = admission.admit(&account)?;
    request.extensions_mut().insert(account.clone());
    request.extensions_mut().insert(caller.tenant());
    let response = next.run(request).await;
    let response = answers.of_caller(account).count(response)?;
    Ok(response.map(|body| hold_until_written(body, place)))
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
    fn key_is_found_as_bearer_token_or_in_its_own_header() {
        assert_eq!(found(&[]), None);
        for scheme in ["Bearer k", "bearer k", "BEARER   k "] {
            assert_eq!(found(&[(header::AUTHORIZATION, scheme)]).unwrap(), b"k");
        }
        assert_eq!(found(&[(header::AUTHORIZATION, "Basic k")]), None);
        assert_eq!(found(&[(header::AUTHORIZATION, "Bearer")]), None);
        // A proxy before the server may use `authorization` itself.
        let both = [(header::AUTHORIZATION, "Basic x"), (X_API_KEY, "k")];
        assert_eq!(found(&both).unwrap(), b"k");
    }
}
