//! Counts of a resource's units: how many are free, and how many each caller holds.

use std::collections::HashMap;

use super::policy::SharePolicy;
use crate::state::Account;

/// Why a caller does not get units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// There are too few, for any caller.
    OfAll,
    /// The caller holds its share already.
    OfShare,
}

/// The units of one resource.
#[derive(Debug)]
pub(super) struct Counts {
    policy: SharePolicy,
    /// Units that a caller may hold before its share is asked for.
    beyond_shares: usize,
    free: usize,
    /// Only of callers that hold some.
    held: HashMap<Account, usize>,
}

impl Counts {
    pub(super) fn new(whole: usize, policy: SharePolicy, beyond_shares: usize) -> Self {
        Self {
            policy,
            beyond_shares,
            free: whole,
            held: HashMap::new(),
        }
    }

    /// Whether the caller may have so many more.
    pub(super) fn check(&self, account: &Account, units: usize) -> Result<(), Lack> {
        if units > self.free {
            return Err(Lack::OfAll);
        }
        if !self.policy.limits(account) {
            return Ok(());
        }
        let held = self.held.get(account).copied().unwrap_or(0) + units;
        let of_share = as_u64(held.saturating_sub(self.beyond_shares));
        if self.policy.share.allows(of_share, as_u64(self.free)) {
            Ok(())
        } else {
            Err(Lack::OfShare)
        }
    }

    /// Counts units as the caller's, if it may have them.
    pub(super) fn take(&mut self, account: &Account, units: usize) -> Result<(), Lack> {
        self.check(account, units)?;
        self.free -= units;
        match self.held.get_mut(account) {
            Some(held) => *held += units,
            None if units > 0 => {
                self.held.insert(account.clone(), units);
            }
            None => {}
        }
        Ok(())
    }

    /// Counts units of the caller as free.
    pub(super) fn give_back(&mut self, account: &Account, units: usize) {
        self.free += units;
        if let Some(held) = self.held.get_mut(account) {
            *held = held.saturating_sub(units);
            if *held == 0 {
                self.held.remove(account);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn free_and_callers(&self) -> (usize, usize) {
        (self.free, self.held.len())
    }
}

fn as_u64(units: usize) -> u64 {
    u64::try_from(units).unwrap_or(u64::MAX)
}
