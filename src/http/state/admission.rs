//! Admission of requests: so many a second from each caller, and so many at once from all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::account::Account;
use super::shares::{Held, Resource, SharePolicy, SharedResource};
use crate::ApiError;
use microseg_config::TrafficSettings;

/// After so many requests, the counts of callers without recent requests are removed.
const REMOVE_AFTER: u32 = 4_096;

/// Limits on the requests that are admitted; clones share their counts.
#[derive(Debug, Clone)]
pub(crate) struct AdmissionControl {
    rate: Option<Arc<Rate>>,
    places: SharedResource,
}

#[derive(Debug)]
struct Rate {
    limiter: DefaultKeyedRateLimiter<Account>,
    clock: DefaultClock,
    requests: AtomicU32,
}

impl AdmissionControl {
    pub(super) fn new(settings: &TrafficSettings) -> Self {
        let rate = settings.rate_per_second.map(|rate| {
            Arc::new(Rate {
                limiter: RateLimiter::keyed(Quota::per_second(rate)),
                clock: DefaultClock::default(),
                requests: AtomicU32::new(0),
            })
        });
        Self {
            rate,
            places: SharedResource::new(
                Resource::Requests,
                settings.concurrent(),
                SharePolicy::new(settings),
            ),
        }
    }

    /// The place of one more request, to be held until its answer has been written.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`], [`ApiError::Busy`] and [`ApiError::ShareFull`], with the time after which to try
    /// again.
    pub(crate) fn admit(&self, account: &Account) -> Result<Held, ApiError> {
        if let Some(rate) = &self.rate {
            rate.check(account)?;
        }
        self.places.take(account, 1)
    }
}

impl Rate {
    fn check(&self, account: &Account) -> Result<(), ApiError> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % REMOVE_AFTER == REMOVE_AFTER - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(account).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            ApiError::TooManyRequests {
                retry_after: whole_seconds(wait),
            }
        })
    }
}

/// No shorter than what was to be waited, since `retry-after` has no fractions.
fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    (wait.as_secs() + begun).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_second_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(1)), 1);
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
    }
}
