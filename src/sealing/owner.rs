//! Owner of a state: what its token is bound to.

use microseg_access::Tenant;
use microseg_history::Identifier;
use serde::{Deserialize, Serialize};

/// What a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// SHA-256 of the network, in hex.
    network: String,
    /// SHA-256 of what it reads, in hex.
    encoding: String,
    tenant: String,
    customer: Option<Identifier>,
}

impl Owner {
    /// The customer of a tenant, as one network with one encoding sees it.
    #[must_use]
    pub fn new(
        network: &str,
        encoding: &str,
        tenant: &Tenant,
        customer: Option<&Identifier>,
    ) -> Self {
        Self {
            network: network.to_owned(),
            encoding: encoding.to_owned(),
            tenant: tenant.as_str().to_owned(),
            customer: customer.cloned(),
        }
    }

    /// Whether the token of another owner is of the same model.
    pub(crate) fn has_model_of(&self, other: &Self) -> bool {
        (&self.network, &self.encoding) == (&other.network, &other.encoding)
    }

    /// Whether the token of another owner is of the same tenant.
    pub(crate) fn has_tenant_of(&self, other: &Self) -> bool {
        self.tenant == other.tenant
    }
}
