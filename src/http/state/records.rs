//! Records of explanations, and what is kept with them.

use std::time::Duration;

use super::tenants::TenantState;
use microseg_access::Tenant;
use microseg_config::KeepInput;
use microseg_store::Store;

/// The store of the records; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) store: Store,
    /// What is kept of the input of an explanation.
    pub(crate) keep_input: KeepInput,
    /// How long the idempotency-key of a request is kept.
    pub(crate) keys_kept: Duration,
}

impl TenantState for Records {
    fn of(&self, tenant: &Tenant) -> Self {
        Self {
            store: self.store.of(tenant),
            ..self.clone()
        }
    }
}
