//! Caller that queues a job, and its share of the queue.

use microseg_access::Share;
use sha2::{Digest, Sha256};

/// The caller of a job: a number in the database, which does not tell its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCaller {
    pub(crate) number: i64,
    share: Share,
}

impl JobCaller {
    /// The caller of this name, with its share of the jobs that may wait.
    #[must_use]
    pub fn new(name: &str, share: Share) -> Self {
        let hash = Sha256::digest(name);
        let first = hash.iter().take(8);
        Self {
            number: first.fold(0, |number, &byte| number << 8 | i64::from(byte)),
            share,
        }
    }

    /// Whether it may queue another job beside those that it has queued, with places for so many more jobs.
    pub(crate) fn may_queue(self, queued: u64, free: u64) -> bool {
        self.share.allows(queued.saturating_add(1), free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_numbers_of_their_own() {
        let number = |name| JobCaller::new(name, Share::ALL).number;
        assert_eq!(number("bank"), number("bank"));
        assert_ne!(number("bank"), number("shop"));
    }
}
