//! Keeper of transactions: what both forms of adding them share.

use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use uuid::Uuid;

use crate::ApiError;
use crate::model_selector::SelectedModel;
use crate::state::{CustomerChanges, EveryTenant, Models, OfCaller, Records, Telemetry};
use microseg_encoding::TransactionsToKeep;
use microseg_history::Identifier;
use microseg_store::{
    Added, AdmittedAt, KeptTransaction, KeyedRequest, NewTransactions, Store, StoreError,
};

/// What keeping transactions needs.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(super) store: Store,
    pub(super) changes: CustomerChanges,
    telemetry: Telemetry,
    /// The most transactions of one customer.
    pub(super) most: u64,
    /// How long the key of a request is kept.
    keys_kept: Duration,
}

impl<S> FromRequestParts<S> for Keeper
where
    S: Send + Sync,
    CustomerChanges: FromRef<S>,
    EveryTenant<Records>: FromRef<S>,
    Telemetry: FromRef<S>,
    Models: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let OfCaller(records): OfCaller<Records> =
            OfCaller::from_request_parts(parts, state).await?;
        let SelectedModel(model) = SelectedModel::from_request_parts(parts, state).await?;
        Ok(Self {
            keys_kept: records.keys_kept,
            store: records.store,
            changes: CustomerChanges::from_ref(state),
            telemetry: Telemetry::from_ref(state),
            most: model.encoder().limits().transactions as u64,
        })
    }
}

impl Keeper {
    /// A request under a key; of one customer, or of many.
    pub(super) fn keyed<'a>(
        &self,
        key: &str,
        parts: impl IntoIterator<Item = &'a [u8]>,
        customer_id: Option<&Identifier>,
    ) -> KeyedRequest {
        let customer_id = customer_id.map(|id| id.as_str().to_owned());
        KeyedRequest::new(key, parts, Uuid::now_v7(), customer_id, self.keys_kept)
    }

    /// Keeps transactions of a customer.
    pub(super) async fn keep(
        &self,
        customer_id: &Identifier,
        read: TransactionsToKeep,
        admitted: AdmittedAt,
        keyed: Option<KeyedRequest>,
    ) -> Result<Added, ApiError> {
        let transactions = read.transactions.into_iter().map(|one| KeptTransaction {
            id: one.id.as_str().to_owned(),
            moment: one.moment,
            document: one.document,
        });
        let new = NewTransactions {
            customer_id: customer_id.as_str().to_owned(),
            settings: read.settings,
            transactions: transactions.collect(),
            most: self.most,
            admitted,
            keyed,
        };
        let metrics = self.telemetry.metrics();
        let added = self
            .store
            .add_transactions(new)
            .await
            .inspect_err(|error| {
                if matches!(error, StoreError::CustomerErased) {
                    metrics.refused_after_erasure();
                }
            })?;
        metrics.appended(&added);
        if added.added + added.corrected + added.late > 0 && !added.is_replayed {
            self.changes.notify();
        }
        Ok(added)
    }
}
