//! Scope that an operation requires of its caller's key.

use microseg_access::Scope;

/// What a request requires of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequiredScope {
    /// No key: for probes, and for readers of the interface's description.
    Public,
    /// Any key that the server knows.
    AnyKey,
    /// A key with this scope that belongs to no tenant: for what concerns the whole server.
    WholeServer(Scope),
    /// A key with this scope.
    Scope(Scope),
}

impl From<Scope> for RequiredScope {
    fn from(scope: Scope) -> Self {
        Self::Scope(scope)
    }
}
