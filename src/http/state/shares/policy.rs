//! Policy of shares: how much one caller may hold, and whether peers without keys are limited, too.

use crate::state::Account;
use microseg_access::Share;
use microseg_config::TrafficSettings;

/// The shares of callers, as the operator has set them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharePolicy {
    /// Of one key's name, or of one peer.
    pub(crate) share: Share,
    /// Whether one peer is limited to its share. Behind a proxy all peers have its address.
    limits_peers: bool,
}

impl SharePolicy {
    pub(crate) fn new(settings: &TrafficSettings) -> Self {
        Self {
            share: Share::percent(settings.caller_share),
            limits_peers: !settings.no_peer_shares,
        }
    }

    /// Without limits for any caller.
    pub(crate) fn unlimited() -> Self {
        Self::of_keys(Share::ALL)
    }

    /// A share of callers with keys alone.
    pub(super) fn of_keys(share: Share) -> Self {
        Self {
            share,
            limits_peers: false,
        }
    }

    /// The same, with a share of which a caller alone can hold `least` units of `whole`.
    pub(super) fn at_least(self, least: usize, whole: usize) -> Self {
        let units = |units| u64::try_from(units).unwrap_or(u64::MAX);
        Self {
            share: self.share.at_least(units(least), units(whole)),
            ..self
        }
    }

    /// Whether this caller is limited to its share.
    pub(crate) fn limits(self, account: &Account) -> bool {
        match account {
            Account::Name(_) => true,
            Account::Peer(_) => self.limits_peers,
            Account::Jobs => false,
        }
    }
}
