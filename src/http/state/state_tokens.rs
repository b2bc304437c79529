//! State tokens of a tenant's customers: what is kept by callers, so that nothing is kept here.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::kept_fold::state_in;
use super::tenants::TenantState;
use crate::ApiError;
use microseg_access::Tenant;
use microseg_encoding::{Checkpoint, Continuation, History, Tokens};
use microseg_history::{HistoryError, Identifier};
use microseg_model::Model;
use microseg_scoring::{Scored, Scoring};
use microseg_sealing::{OpenError, Owner, SealError, StateKeys};
use microseg_store::Fold;

/// The keys of tokens, for the customers of one tenant.
#[derive(Debug, Clone)]
pub(crate) struct StateTokens {
    keys: Arc<StateKeys>,
    tenant: Tenant,
}

impl TenantState for StateTokens {
    fn of(&self, tenant: &Tenant) -> Self {
        Self {
            keys: self.keys.clone(),
            tenant: tenant.clone(),
        }
    }
}

impl StateTokens {
    pub(super) fn new(keys: StateKeys) -> Self {
        Self {
            keys: Arc::new(keys),
            tenant: Tenant::default(),
        }
    }

    /// Reads a history that may go on from a token; with its own state where `keep` is set.
    pub(crate) fn read(
        &self,
        model: &Model,
        bytes: &[u8],
        keep: bool,
    ) -> Result<History, HistoryError> {
        let open = self.opener(model);
        let tokens = Tokens { open: &open, keep };
        model.encoder().read_continued(bytes, tokens)
    }

    /// As [`Self::read`], with a further member of its document.
    pub(crate) fn read_beside<E: DeserializeOwned>(
        &self,
        model: &Model,
        bytes: &[u8],
        keep: bool,
        member: &'static str,
    ) -> Result<(History, Option<E>), HistoryError> {
        let open = self.opener(model);
        let tokens = Tokens { open: &open, keep };
        let encoder = model.encoder();
        encoder.read_continued_beside(bytes, member, tokens)
    }

    /// Reads a history to be explained, which may go on from a token, and a further member of its document.
    pub(crate) fn read_with<E: DeserializeOwned>(
        &self,
        model: &Model,
        bytes: &[u8],
        member: &'static str,
    ) -> Result<(History, Option<E>), HistoryError> {
        let open = self.opener(model);
        let tokens = Tokens {
            open: &open,
            keep: false,
        };
        model.encoder().read_continued_with(bytes, member, tokens)
    }

    /// What opens tokens of customers of a model, with a sentence in place of an error.
    fn opener<'a>(
        &'a self,
        model: &'a Model,
    ) -> impl Fn(&str, Option<&Identifier>) -> Result<Continuation, String> + 'a {
        |token, customer| {
            let opened = self.open(model, customer, token);
            opened.map_err(|error| error.to_string())
        }
    }

    /// The state in a token of a customer.
    pub(crate) fn open(
        &self,
        model: &Model,
        customer: Option<&Identifier>,
        token: &str,
    ) -> Result<Continuation, OpenError> {
        let state = self.keys.open(&self.owner(model, customer), token)?;
        let numbers = model.manifest().shape().recurrent_numbers();
        let fits = |checkpoint: &Checkpoint| checkpoint.state().len() == numbers;
        if state.checkpoint().is_none_or(fits) {
            Ok(state)
        } else {
            Err(OpenError::OtherModel)
        }
    }

    /// The token of a customer's state.
    ///
    /// # Errors
    /// [`ApiError::InvalidContent`] when the state is too large for one.
    pub(crate) fn seal(
        &self,
        model: &Model,
        customer: Option<&Identifier>,
        state: &Continuation,
    ) -> Result<String, ApiError> {
        let sealed = self.keys.seal(&self.owner(model, customer), state);
        sealed.map_err(|error| match error {
            SealError::TooLarge(_) => ApiError::InvalidContent(error.to_string()),
            SealError::Failed => ApiError::StateNotSealed,
        })
    }

    /// The token of what stands for a kept customer's older transactions.
    ///
    /// # Errors
    /// [`ApiError::InvalidContent`] when the model cannot go on from it, or it is too large for a token.
    pub(crate) fn seal_fold(
        &self,
        model: &Model,
        customer: &Identifier,
        fold: &Fold,
    ) -> Result<String, ApiError> {
        let state = state_in(model, fold)
            .map_err(|problem| ApiError::InvalidContent(problem.detail().to_owned()))?;
        self.seal(model, Some(customer), &state)
    }

    /// The scoring, with the token of its state where there is one.
    ///
    /// # Errors
    /// As [`StateTokens::seal`].
    pub(crate) fn scoring(&self, model: &Model, scored: Scored) -> Result<Scoring, ApiError> {
        let Scored {
            mut scoring,
            continuation,
        } = scored;
        if let Some(state) = continuation {
            let customer = scoring.customer_id.as_ref();
            scoring.state_token = Some(self.seal(model, customer, &state)?);
        }
        Ok(scoring)
    }

    fn owner(&self, model: &Model, customer: Option<&Identifier>) -> Owner {
        let network = &model.identity().sha256;
        Owner::new(network, model.encoding_sha256(), &self.tenant, customer)
    }
}
