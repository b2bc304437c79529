//! State that belongs to tenants: a handler gets no more of it than its caller's tenant may see.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use crate::ApiError;
use microseg_access::Tenant;

/// State that can be limited to what one tenant may see.
pub(crate) trait TenantState {
    /// The part of a tenant.
    fn of(&self, tenant: &Tenant) -> Self;
}

/// The state of all tenants. No handler can extract it; [`OfCaller`] is a part of it.
#[derive(Debug, Clone)]
pub(crate) struct EveryTenant<T>(T);

impl<T: TenantState> EveryTenant<T> {
    pub(super) fn new(state: T) -> Self {
        Self(state)
    }

    /// The part of a tenant.
    pub(crate) fn of(&self, tenant: &Tenant) -> T {
        self.0.of(tenant)
    }
}

/// The part that the caller's tenant may see.
pub(crate) struct OfCaller<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for OfCaller<T>
where
    S: Send + Sync,
    T: TenantState,
    EveryTenant<T>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let tenant = parts.extensions.get::<Tenant>();
        let tenant = tenant.ok_or(ApiError::Unauthorized)?;
        Ok(Self(EveryTenant::from_ref(state).of(tenant)))
    }
}
