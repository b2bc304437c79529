//! Records of explanations, and what is kept with them.

use std::time::Duration;

use serde_json::value::RawValue;

use super::bodies::Bodies;
use super::shares::Held;
use super::tenants::TenantState;
use crate::ApiError;
use microseg_access::Tenant;
use microseg_config::KeepInput;
use microseg_encoding::kept_history;
use microseg_history::Identifier;
use microseg_store::{Fold, KeptCustomer, Store};

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

/// A kept customer with all its transactions.
pub(crate) struct KeptHistory {
    pub(crate) customer: KeptCustomer,
    /// The position of the transactions.
    pub(crate) position: u64,
    /// The history as a document.
    pub(crate) document: Vec<u8>,
    /// Memory for reading it and for the document.
    pub(crate) memory: Option<Held>,
}

impl Records {
    /// The history of a kept customer, with the options of an explanation where there are any; `seal` makes the token of what
    /// it goes on from, where there is a fold.
    ///
    /// # Errors
    /// [`ApiError::NoSuchCustomer`] when it is not kept, and errors of the store and of `bodies`.
    pub(crate) async fn kept_history(
        &self,
        id: &Identifier,
        bodies: &Bodies,
        explain: Option<&RawValue>,
        seal: impl FnOnce(&Fold) -> Result<String, ApiError>,
    ) -> Result<KeptHistory, ApiError> {
        let customer = self.store.customer(id.as_str()).await?;
        let customer = customer.ok_or(ApiError::NoSuchCustomer)?;
        let bytes = usize::try_from(customer.bytes).unwrap_or(usize::MAX);
        // Read and put together: twice their size.
        let memory = bodies.reserve(bytes.saturating_mul(2))?;
        let contents = self.store.contents_of(&customer).await?;
        let contents = contents.ok_or(ApiError::NoSuchCustomer)?;
        let token = contents.fold.as_ref().map(seal).transpose()?;
        let (settings, transactions) = (&*customer.settings, &contents.documents);
        let token = token.as_deref();
        let document = kept_history(id.as_str(), settings, transactions, token, explain)?;
        let position = contents.position;
        Ok(KeptHistory {
            customer,
            position,
            document,
            memory,
        })
    }
}
