//! What each address asks of a key. Whatever is not in the table asks for the most.

use axum::http::Method;

use microseg_access::Scope::{self, Admin, Explain, Score};

/// What a request asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: probes have no keys, and who reads the interface has none yet.
    Nothing,
    /// A key, whatever it is good for.
    AnyKey,
    /// A key that is good for this.
    Scope(Scope),
}

/// Every address that asks for less than everything, by method; `HEAD` is as `GET`. The other ones are here to be seen.
const TABLE: &[(&str, &str, Need)] = &[
    ("GET", "/", Need::Nothing),
    ("GET", "/docs", Need::Nothing),
    ("GET", "/docs/style.css", Need::Nothing),
    ("GET", "/openapi.json", Need::Nothing),
    ("GET", "/health/live", Need::Nothing),
    ("GET", "/health/ready", Need::Nothing),
    ("POST", "/v1/score", Need::Scope(Score)),
    ("POST", "/v1/stream", Need::Scope(Score)),
    ("GET", "/v1/models", Need::AnyKey),
    ("GET", "/v1/models/{name}", Need::AnyKey),
    // What stands behind the colon asks for more: `protocols/kserve.rs`.
    ("POST", "/v1/models/{name}", Need::AnyKey),
    ("GET", "/v1/models/{name}/surrogate", Need::AnyKey),
    ("GET", "/v1/models/{name}/segments", Need::AnyKey),
    ("GET", "/v1/models/{name}/attractors", Need::AnyKey),
    ("GET", "/v2", Need::AnyKey),
    ("GET", "/v2/health/live", Need::Nothing),
    ("GET", "/v2/health/ready", Need::Nothing),
    ("GET", "/v2/models/{name}", Need::AnyKey),
    ("GET", "/v2/models/{name}/ready", Need::AnyKey),
    ("POST", "/v2/models/{name}/infer", Need::Scope(Score)),
    ("GET", "/v2/models/{name}/versions/{version}", Need::AnyKey),
    (
        "GET",
        "/v2/models/{name}/versions/{version}/ready",
        Need::AnyKey,
    ),
    (
        "POST",
        "/v2/models/{name}/versions/{version}/infer",
        Need::Scope(Score),
    ),
    ("POST", "/v1/explain", Need::Scope(Explain)),
    ("GET", "/v1/explanations", Need::Scope(Explain)),
    ("GET", "/v1/explanations/{id}", Need::Scope(Explain)),
    ("POST", "/v1/explanations/{id}/verify", Need::Scope(Explain)),
    ("GET", "/v1/jobs/{id}", Need::Scope(Explain)),
    ("DELETE", "/v1/explanations/{id}", Need::Scope(Admin)),
    ("DELETE", "/v1/customers/{id}", Need::Scope(Admin)),
    ("POST", "/v1/admin/reload", Need::Scope(Admin)),
    ("GET", "/metrics", Need::Scope(Admin)),
];

impl Need {
    /// Of `:predict` behind a model's name, which no pattern of an address tells apart.
    pub(super) const PREDICT: Self = Self::Scope(Score);
    /// Of `:explain` there.
    pub(super) const EXPLAIN: Self = Self::Scope(Explain);

    /// What a request asks for, by the pattern that its address matched.
    pub(super) fn of(method: &Method, route: Option<&str>) -> Self {
        // Nothing is there, and the answer says so to whoever has a key.
        let Some(route) = route else {
            return Self::AnyKey;
        };
        let method = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        let mut entries = TABLE.iter();
        let entry =
            entries.find(|(of_method, of_route, _)| *of_method == method && *of_route == route);
        // A new address is closed until somebody has thought about who may use it.
        entry.map_or(Self::Scope(Admin), |(_, _, need)| *need)
    }
}

/// Every address that the table has, with its method.
#[cfg(test)]
pub(super) fn addresses() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|&(method, route, _)| (method, route))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::router::routes;

    #[test]
    fn every_address_is_in_the_table_and_nothing_else_is() {
        // axum lists its routes to nobody, but it prints them.
        let printed = format!("{:?}", routes());
        let (printed, _its_own) = printed.split_once("fallback_router").unwrap();
        let routed: BTreeSet<&str> = printed
            .split('"')
            .filter(|part| part.starts_with('/'))
            .collect();
        let listed: BTreeSet<&str> = TABLE.iter().map(|(_, route, _)| *route).collect();
        assert_eq!(routed, listed);
    }

    #[test]
    fn what_is_not_in_the_table_asks_for_everything() {
        let need = |method, route| Need::of(&method, Some(route));
        assert_eq!(need(Method::GET, "/v1/admin/models"), Need::Scope(Admin));
        assert_eq!(need(Method::DELETE, "/v1/score"), Need::Scope(Admin));
        assert_eq!(need(Method::POST, "/v1/score"), Need::Scope(Score));
        assert_eq!(need(Method::HEAD, "/v1/models"), Need::AnyKey);
        assert_eq!(Need::of(&Method::GET, None), Need::AnyKey);
    }
}
