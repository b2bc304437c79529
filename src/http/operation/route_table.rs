//! Table of the declared operations by route and method: the scope that each requires, and which routes are probes.

use std::sync::Arc;

use axum::http::Method;

use super::declaration::Operation;
use super::required_scope::RequiredScope;
use microseg_access::Scope;

/// What the layers around all handlers look up of a request's operation; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct RouteTable(Arc<[Entry]>);

#[derive(Debug)]
struct Entry {
    method: Method,
    route: &'static str,
    scope: RequiredScope,
    is_probe: bool,
}

impl RouteTable {
    /// The table of these operations.
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let entries = operations.iter().map(|operation| Entry {
            method: operation.method.clone(),
            route: operation.route(),
            // A verb's own scope is checked once the verb is known.
            scope: match operation.verb() {
                Some(_) => RequiredScope::AnyKey,
                None => operation.scope,
            },
            is_probe: operation.is_probe,
        });
        Self(entries.collect())
    }

    /// What a request requires, by the route that its address matched; `HEAD` is as `GET`.
    pub(crate) fn required_scope(&self, method: &Method, route: Option<&str>) -> RequiredScope {
        // 404 is for every caller that has a key.
        let Some(route) = route else {
            return RequiredScope::AnyKey;
        };
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let mut entries = self.0.iter();
        let entry = entries.find(|entry| entry.method == method && entry.route == route);
        // What is not declared requires the most.
        entry.map_or(RequiredScope::WholeServer(Scope::Admin), |entry| {
            entry.scope
        })
    }

    /// Whether a route is polled every few seconds: its requests are not traced.
    pub(crate) fn is_probe(&self, route: &str) -> bool {
        let mut entries = self.0.iter();
        entries.any(|entry| entry.is_probe && entry.route == route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        let handler = async || ();
        RouteTable::new(&[
            Operation::post("/v1/score", Scope::Score, handler),
            Operation::get("/v1/models/{name}", RequiredScope::AnyKey, handler),
            Operation::post("/v1/models/{name}:explain", Scope::Explain, handler),
            Operation::get("/health/live", RequiredScope::Public, handler).probe(),
        ])
    }

    #[test]
    fn undeclared_operation_requires_admin() {
        let required = |method, route| table().required_scope(&method, Some(route));
        let operator = RequiredScope::WholeServer(Scope::Admin);
        assert_eq!(required(Method::GET, "/v1/admin/models"), operator);
        assert_eq!(required(Method::DELETE, "/v1/score"), operator);
    }

    #[test]
    fn declared_operation_requires_its_own_scope() {
        let required = |method, route| table().required_scope(&method, route);
        let score = RequiredScope::Scope(Scope::Score);
        let any = RequiredScope::AnyKey;
        assert_eq!(required(Method::POST, Some("/v1/score")), score);
        assert_eq!(required(Method::HEAD, Some("/v1/models/{name}")), any);
        assert_eq!(required(Method::POST, Some("/v1/models/{name}")), any);
        assert_eq!(required(Method::GET, None), any);
    }

    #[test]
    fn only_declared_probes_are_probes() {
        assert!(table().is_probe("/health/live"));
        assert!(!table().is_probe("/v1/score"));
    }
}
