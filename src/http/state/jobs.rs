//! The queue of explanations that are computed later.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::account::Account;
use super::shares::{Resource, SharePolicy};
use super::tenants::TenantState;
use crate::ApiError;
use microseg_access::Tenant;
use microseg_store::{JobCaller, NewJob, QueueLimit, Store, StoreError};

/// The jobs in the store; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    pub(crate) store: Store,
    /// How much may wait.
    limit: QueueLimit,
    /// The share of one caller of the jobs that wait.
    policy: SharePolicy,
    enqueued: Arc<Notify>,
}

impl Jobs {
    pub(super) fn new(store: Store, limit: QueueLimit, policy: SharePolicy) -> Self {
        Self {
            store,
            limit,
            policy,
            enqueued: Arc::default(),
        }
    }

    /// Adds jobs, all or none, and wakes what runs them.
    ///
    /// # Errors
    /// [`ApiError::Store`] when too much waits, or the store cannot be reached; [`ApiError::ShareFull`] when too many of
    /// the jobs are the caller's.
    pub(crate) async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<(), ApiError> {
        match self.store.enqueue_all(jobs, self.limit).await {
            Ok(()) => {}
            Err(StoreError::ShareFull) => return Err(Resource::Jobs.share_full()),
            Err(error) => return Err(error.into()),
        }
        self.enqueued.notify_one();
        Ok(())
    }

    /// How many may wait together.
    pub(crate) fn most(&self) -> usize {
        usize::try_from(self.limit.jobs).unwrap_or(usize::MAX)
    }

    /// The caller of a job; `None` when it is not limited to its share.
    pub(crate) fn caller(&self, account: &Account) -> Option<JobCaller> {
        let is_limited = self.policy.limits(account);
        is_limited.then(|| JobCaller::new(&account.to_string(), self.policy.share))
    }

    /// Waits until a job is added, for `longest` at most.
    pub(crate) async fn enqueued(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.enqueued.notified()).await;
    }
}

impl TenantState for Jobs {
    fn of(&self, tenant: &Tenant) -> Self {
        Self {
            store: self.store.of(tenant),
            ..self.clone()
        }
    }
}
