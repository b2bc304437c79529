//! Account that the requests of one caller are counted in.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use crate::ApiError;

/// The callers whose requests are counted together; a clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Account {
    /// All keys of this name.
    Name(Arc<str>),
    /// All callers without a key at this address.
    Peer(IpAddr),
    /// The jobs that this server computes.
    Jobs,
}

impl Account {
    /// The account of a peer. A caller with one address of version 6 has 2^64 of them.
    pub(crate) fn of_peer(address: IpAddr) -> Self {
        Self::Peer(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }

    /// The account of an authorized request.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] for a request that was not authorized.
    pub(crate) fn of_request(extensions: &Extensions) -> Result<Self, ApiError> {
        let account = extensions.get::<Self>().cloned();
        account.ok_or(ApiError::Unauthorized)
    }
}

impl Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(formatter, "key {name}"),
            Self::Peer(address) => write!(formatter, "peer {address}"),
            Self::Jobs => formatter.write_str("jobs"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Account {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::of_request(&parts.extensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_of_version_6_share_an_account() {
        let account = |text: &str| Account::of_peer(text.parse().unwrap());
        assert_eq!(account("2001:db8:1:2::7"), account("2001:db8:1:2:ffff::1"));
        assert_ne!(account("2001:db8:1:2::7"), account("2001:db8:1:3::7"));
        assert_ne!(account("192.0.2.1"), account("192.0.2.2"));
        assert_eq!(account("::ffff:192.0.2.1"), account("192.0.2.1"));
    }
}
