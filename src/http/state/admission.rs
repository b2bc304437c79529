//! Admission of requests: so many a second from each caller, and so many at once from all.

use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ApiError;
use microseg_config::TrafficSettings;

/// After so many requests, the counts of callers without recent requests are removed.
const REMOVE_AFTER: u32 = 4_096;

/// The callers whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Account {
    /// All keys of this name.
    Name(String),
    /// All callers without a key at this address.
    Peer(IpAddr),
}

impl Account {
    /// The account of a peer. A caller with one address of version 6 has 2^64 of them.
    pub(crate) fn of_peer(address: IpAddr) -> Self {
        Self::Peer(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// Limits on the requests that are admitted; clones share their counts.
#[derive(Debug, Clone)]
pub(crate) struct AdmissionControl {
    rate: Option<Arc<Rate>>,
    permits: Arc<Semaphore>,
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
            permits: Arc::new(Semaphore::new(settings.concurrent())),
        }
    }

    /// A permit for one more request, to be held until its answer has been written.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] and [`ApiError::Busy`], with the time after which to try again.
    pub(crate) fn admit(&self, account: &Account) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Some(rate) = &self.rate {
            rate.check(account)?;
        }
        let permit = self.permits.clone().try_acquire_owned();
        permit.map_err(|_| ApiError::Busy)
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

/// The same answer; the permit is given back once it has been written, or its client has left.
pub(crate) fn hold_until_written(
    response: Response,
    permit: Option<OwnedSemaphorePermit>,
) -> Response {
    let Some(permit) = permit else {
        return response;
    };
    response.map(|body| {
        Body::new(PermitBody {
            body,
            _permit: permit,
        })
    })
}

/// The body of an answer, with the permit of its request.
struct PermitBody {
    body: Body,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for PermitBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_of_version_6_share_an_account() {
        let account = |text: &str| Account::of_peer(text.parse().unwrap());
        assert_eq!(account("2001:db8:1:2::7"), account("2001:db8:1:2:ffff::1"));
        assert_ne!(account("2001:db8:1:2::7"), account("2001:db8:1:3::7"));
        assert_ne!(account("192.0.2.1"), account("192.0.2.2"));
        assert_eq!(account("::ffff:192.0.2.1"), account("192.0.2.1"));
    }

    #[test]
    fn fractions_of_a_second_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(1)), 1);
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
    }
}
