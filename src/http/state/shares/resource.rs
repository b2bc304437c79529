//! A resource of a fixed number of units, of which each caller may hold its share.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::counts::{Counts, Lack};
use super::policy::SharePolicy;
use super::waiting::{Waiter, WaitingRequests};
use crate::ApiError;
use crate::state::Account;

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Places of requests under way.
    Requests,
    /// Bytes of bodies.
    Bytes,
    /// Bytes of answers that are not read yet.
    Answers,
    /// Places of bodies of many lines.
    Streams,
    /// Places of explanations that run or wait.
    Explanations,
    /// Jobs that wait.
    Jobs,
}

impl Resource {
    /// The error of a caller that holds its share already: the resource in words, and the setting of its size.
    pub(crate) fn share_full(self) -> ApiError {
        let (resource, setting) = match self {
            Self::Requests => ("requests under way", "max_concurrent_requests"),
            Self::Bytes => ("bytes of bodies in memory", "max_held_bytes"),
            Self::Answers => ("bytes of answers that are not read yet", "max_held_bytes"),
            Self::Streams => ("open streams", "max_streams"),
            Self::Explanations => ("explanations that run or wait", "explanation_queue"),
            Self::Jobs => ("jobs that wait", "job_queue"),
        };
        ApiError::ShareFull { resource, setting }
    }
}

/// Units that all callers share; clones share them, too.
#[derive(Debug, Clone)]
pub(crate) struct SharedResource(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    resource: Resource,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    counts: Counts,
    waiting: WaitingRequests<Held>,
}

impl SharedResource {
    /// A resource of `whole` units.
    pub(crate) fn new(resource: Resource, whole: usize, policy: SharePolicy) -> Self {
        Self::with(resource, whole, policy, 0)
    }

    /// The same, of which a caller alone can hold at least `least`, whatever its share.
    pub(crate) fn with_least(
        resource: Resource,
        whole: usize,
        policy: SharePolicy,
        least: usize,
    ) -> Self {
        Self::new(resource, whole, policy.at_least(least, whole))
    }

    /// The same, of which each caller may hold `beyond_shares` before its share is asked for.
    pub(crate) fn with(
        resource: Resource,
        whole: usize,
        policy: SharePolicy,
        beyond_shares: usize,
    ) -> Self {
        Self(Arc::new(Inner {
            resource,
            state: Mutex::new(State {
                counts: Counts::new(whole, policy, beyond_shares),
                waiting: WaitingRequests::new(),
            }),
        }))
    }

    /// Takes some units at once.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there are too few, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn take(&self, account: &Account, units: usize) -> Result<Held, ApiError> {
        let taken = self.0.state.lock().counts.take(account, units);
        match taken {
            Ok(()) => Ok(self.held(account.clone(), units)),
            Err(Lack::OfAll) => Err(ApiError::Busy),
            Err(Lack::OfShare) => Err(self.0.resource.share_full()),
        }
    }

    /// Takes some units as soon as there are enough. Requests of one caller are served in their order, and callers by turns.
    ///
    /// # Errors
    /// [`ApiError::Interrupted`] when the server ends.
    pub(crate) async fn wait_for(&self, account: &Account, units: usize) -> Result<Held, ApiError> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.0.state.lock();
            if state.counts.take(account, units).is_ok() {
                return Ok(self.held(account.clone(), units));
            }
            state.waiting.add(account, Waiter { units, sender });
        }
        receiver.await.map_err(|_| ApiError::Interrupted)
    }

    /// Units that are counted already.
    fn held(&self, account: Account, units: usize) -> Held {
        Held {
            resource: self.clone(),
            account,
            units,
        }
    }

    /// Gives units back, and hands them on to requests that wait.
    fn give_back(&self, account: &Account, units: usize) {
        let mut served = Vec::new();
        {
            let mut state = self.0.state.lock();
            state.counts.give_back(account, units);
            served.extend(std::iter::from_fn(|| state.serve()));
        }
        for (account, waiter) in served {
            // Where the client has left meanwhile, the units are dropped, and so given back.
            drop(waiter.sender.send(self.held(account, waiter.units)));
        }
    }
}

impl State {
    /// The next request that waits and can be served, with its units counted.
    fn serve(&mut self) -> Option<(Account, Waiter<Held>)> {
        let Self { counts, waiting } = self;
        let (account, waiter) =
            waiting.next(|account, units| counts.check(account, units).is_ok())?;
        counts.take(&account, waiter.units).ok()?;
        Some((account, waiter))
    }
}

/// Units of a resource that a request holds; they are given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    resource: SharedResource,
    account: Account,
    units: usize,
}

impl Held {
    /// How many they are.
    pub(crate) fn units(&self) -> usize {
        self.units
    }

    /// Whether they are units of this resource.
    pub(crate) fn is_of(&self, resource: &SharedResource) -> bool {
        Arc::ptr_eq(&self.resource.0, &resource.0)
    }

    /// Takes more of them.
    ///
    /// # Errors
    /// As [`SharedResource::take`].
    pub(crate) fn grow(&mut self, units: usize) -> Result<(), ApiError> {
        self.merge(self.resource.take(&self.account, units)?);
        Ok(())
    }

    /// Adds others of the same resource and caller.
    pub(crate) fn merge(&mut self, mut other: Self) {
        debug_assert!(self.is_of(&other.resource) && self.account == other.account);
        self.units += std::mem::take(&mut other.units);
    }

    /// Splits off some of them; `None` when they are fewer.
    pub(crate) fn split(&mut self, units: usize) -> Option<Self> {
        self.units = self.units.checked_sub(units)?;
        Some(self.resource.held(self.account.clone(), units))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.units > 0 {
            self.resource.give_back(&self.account, self.units);
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
