//! Keys of requests that keep transactions: what was done is noted under the key in the transaction that does it, so there is
//! no moment in which a request is done and its key does not say so.

use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use crate::customers::transaction::Added;
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::idempotency::claim::KeyedRequest;
use crate::lock_name::LockName;
use crate::store::Store;
use crate::timestamp::milliseconds;
use crate::writer::operation::Operation;

impl Store {
    /// Notes the request of a key that is done in several operations, each with a key of its own; does nothing where the same
    /// request has noted it before.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when another request had the key; else as all that writes.
    pub async fn note_key(&self, request: KeyedRequest) -> Result<(), StoreError> {
        let tenant = self.tenant.clone();
        self.queue.write(NoteKey { request, tenant }, 0).await
    }

    /// Forgets the keys of all tenants that were first sent before a moment.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn expire_keys(&self, before: Timestamp) -> Result<(), StoreError> {
        self.queue.write(ExpireKeys(before), 0).await
    }
}

/// The key of a request as it was found.
pub(super) struct AppendKey<'a> {
    tenant: &'a Tenant,
    request: &'a KeyedRequest,
    now: Timestamp,
    /// What the same request came to before.
    outcome: Option<Added>,
    /// An earlier claim that is kept no longer.
    expired: Option<Uuid>,
    is_noted: bool,
}

impl<'a> AppendKey<'a> {
    /// Looks for the key of a request.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when another request had it.
    pub(super) async fn look_up(
        transaction: &mut dyn Transaction,
        tenant: &'a Tenant,
        request: &'a KeyedRequest,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut key = Self {
            tenant,
            request,
            now,
            outcome: None,
            expired: None,
            is_noted: false,
        };
        let Some(stored) = transaction.claim_of(tenant, request).await? else {
            return Ok(key);
        };
        if stored.created_at < request.expired_before(now) {
            key.expired = Some(stored.id);
            return Ok(key);
        }
        if stored.request_sha256 != request.request_sha256 {
            return Err(StoreError::KeyReused);
        }
        key.is_noted = true;
        let outcome = stored.outcome.as_deref().map(serde_json::from_str);
        // Only this program writes it.
        key.outcome = outcome.and_then(Result::ok).map(|added: Added| Added {
            is_replayed: true,
            ..added
        });
        Ok(key)
    }

    /// What the same request came to before.
    pub(super) fn outcome(&self) -> Option<Added> {
        self.outcome
    }

    /// Notes what the request came to.
    pub(super) async fn note(
        &self,
        transaction: &mut dyn Transaction,
        outcome: &Added,
    ) -> Result<(), StoreError> {
        // Numbers can always be written.
        let outcome = serde_json::to_string(outcome).unwrap_or_default();
        self.insert(transaction, Some(&outcome)).await
    }

    async fn insert(
        &self,
        transaction: &mut dyn Transaction,
        outcome: Option<&str>,
    ) -> Result<(), StoreError> {
        if let Some(expired) = self.expired {
            transaction.release_claim(expired).await?;
        }
        let now = milliseconds(self.now);
        transaction
            .insert_claim(self.tenant, self.request, now, now, outcome)
            .await
    }
}

/// Notes the request of a key.
struct NoteKey {
    request: KeyedRequest,
    tenant: Tenant,
}

impl Operation for NoteKey {
    type Outcome = ();

    fn locks(&self) -> Vec<LockName> {
        vec![LockName::of_key(&self.tenant, &self.request.key_sha256)]
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let key = AppendKey::look_up(transaction, &self.tenant, &self.request, now).await?;
        if key.is_noted {
            return Ok(());
        }
        key.insert(transaction, None).await
    }
}

/// Forgets keys for their age.
struct ExpireKeys(Timestamp);

impl Operation for ExpireKeys {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        transaction.expire_claims(milliseconds(self.0)).await
    }
}
