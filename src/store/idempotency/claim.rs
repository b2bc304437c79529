//! Claims of keys: the request that a key stands for, and what becomes of one that brings it again.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::timestamp::milliseconds;

/// How long a request that is under way has its key without renewing its claim: its server may have ended.
pub(crate) const CLAIM: Duration = Duration::from_secs(30);

/// A request with a key. Only digests of the key and of the request are stored.
#[derive(Debug, Clone)]
pub struct KeyedRequest {
    pub(crate) key_sha256: String,
    pub(crate) request_sha256: String,
    /// The id of its explanation or job, if it is the first with its key; of transactions it only names the claim.
    pub id: Uuid,
    /// The customer that it is about.
    pub customer_id: Option<String>,
    /// How long its key is kept.
    pub kept: Duration,
}

impl KeyedRequest {
    /// The request whose parts are these, in their order.
    #[must_use]
    pub fn new<'a>(
        key: &str,
        parts: impl IntoIterator<Item = &'a [u8]>,
        id: Uuid,
        customer_id: Option<String>,
        kept: Duration,
    ) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            // With its length, so that no two lists of parts have the same bytes.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self {
            key_sha256: hex::encode(Sha256::digest(key)),
            request_sha256: hex::encode(digest.finalize()),
            id,
            customer_id,
            kept,
        }
    }

    /// A part of the request, as a request of its own.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self {
            key_sha256: hex::encode(Sha256::digest(format!("{}\n{name}", self.key_sha256))),
            id: Uuid::now_v7(),
            ..self.clone()
        }
    }

    /// Before this moment keys were claimed that are kept no longer, in milliseconds since 1970.
    pub(crate) fn expired_before(&self, now: Timestamp) -> i64 {
        let kept = i64::try_from(self.kept.as_millis()).unwrap_or(i64::MAX);
        milliseconds(now).saturating_sub(kept)
    }
}

/// What becomes of a request with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It has the key: it is to be done, and its explanation or job has this id.
    Granted(Uuid),
    /// It was done: this is its explanation.
    Recorded(Uuid),
    /// It was done: this is its job.
    Queued(Uuid),
    /// It is being done.
    UnderWay,
    /// Another request had the key.
    OfAnother,
}

/// A claim as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredClaim {
    pub(crate) request_sha256: String,
    pub(crate) id: Uuid,
    /// Milliseconds since 1970.
    pub(crate) created_at: i64,
    /// Milliseconds since 1970.
    pub(crate) held_until: i64,
    /// What keeping transactions under the key came to, as JSON; `None` for an explanation.
    pub(crate) outcome: Option<String>,
}

/// Until when a claim is held that is made or renewed now, in milliseconds since 1970.
pub(crate) fn held_until(now: Timestamp) -> i64 {
    let claim = i64::try_from(CLAIM.as_millis()).unwrap_or(i64::MAX);
    milliseconds(now).saturating_add(claim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_each_of_their_parts() {
        let request = |parts: &[&str]| {
            let parts = parts.iter().map(|part| part.as_bytes());
            KeyedRequest::new("k", parts, Uuid::nil(), None, CLAIM).request_sha256
        };
        assert_eq!(request(&["a", "b"]), request(&["a", "b"]));
        for other in [&["ab"][..], &["ab", ""], &["", "ab"], &["a", "c"]] {
            assert_ne!(request(&["a", "b"]), request(other));
        }
    }
}
