//! Idempotency of a store: keys of requests are claimed, renewed and released.

use std::time::Duration;

use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use crate::admitted_at::AdmittedAt;
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::{Existing, ExistingQuery};
use crate::idempotency::claim::{CLAIM, Claim, KeyedRequest, StoredClaim, held_until};
use crate::store::Store;
use crate::timestamp::milliseconds;
use crate::writer::operation::Operation;

impl Store {
    /// How long a claim is held without being renewed.
    pub const CLAIM: Duration = CLAIM;

    /// Claims the key of a request for the tenant. What is done under the id of a granted claim is done once: when it is
    /// recorded, or queued as a job, the same request gets that from then on, on every server of this database.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn claim(&self, request: KeyedRequest) -> Result<Claim, StoreError> {
        let tenant = self.tenant.clone();
        self.queue.write(ClaimKey { request, tenant }, 0).await
    }

    /// Holds a granted claim for another [`Store::CLAIM`].
    ///
    /// # Errors
    /// As all that writes.
    pub async fn renew_claim(&self, id: Uuid) -> Result<(), StoreError> {
        self.queue.write(RenewClaim(id), 0).await
    }

    /// Releases a granted claim, unless what it is for was recorded or queued: the same request is then done again.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn release_claim(&self, id: Uuid) -> Result<(), StoreError> {
        self.queue.write(ReleaseClaim(id), 0).await
    }
}

/// What exists under an id.
async fn existing(transaction: &mut dyn Transaction, id: Uuid) -> Result<Existing, StoreError> {
    let query = ExistingQuery {
        id,
        tenant: Tenant::default(),
        customer_id: None,
        admitted: AdmittedAt::default(),
    };
    transaction.existing(&query).await
}

/// Claims a key.
struct ClaimKey {
    request: KeyedRequest,
    tenant: Tenant,
}

impl Operation for ClaimKey {
    type Outcome = Claim;

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<Claim, StoreError> {
        let Self { request, tenant } = &*self;
        let now = Timestamp::now();
        transaction
            .expire_claims(request.expired_before(now))
            .await?;
        let Some(stored) = transaction.claim_of(tenant, request).await? else {
            transaction
                .insert_claim(tenant, request, milliseconds(now), held_until(now), None)
                .await?;
            return Ok(Claim::Granted(request.id));
        };
        let StoredClaim {
            request_sha256,
            id,
            held_until: held,
            ..
        } = stored;
        if request_sha256 != request.request_sha256 {
            return Ok(Claim::OfAnother);
        }
        let existing = existing(transaction, id).await?;
        if existing.job.is_some() {
            Ok(Claim::Queued(id))
        } else if existing.is_recorded {
            Ok(Claim::Recorded(id))
        } else if held > milliseconds(now) {
            Ok(Claim::UnderWay)
        } else {
            // Its server has ended. Should it go on after all, the id is recorded once.
            transaction.hold_claim(id, held_until(now)).await?;
            Ok(Claim::Granted(id))
        }
    }
}

/// Holds a claim for longer.
struct RenewClaim(Uuid);

impl Operation for RenewClaim {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let until = held_until(Timestamp::now());
        transaction.hold_claim(self.0, until).await
    }
}

/// Releases a claim.
struct ReleaseClaim(Uuid);

impl Operation for ReleaseClaim {
    type Outcome = ();

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let existing = existing(transaction, self.0).await?;
        if existing.is_recorded || existing.job.is_some() {
            return Ok(());
        }
        transaction.release_claim(self.0).await
    }
}
