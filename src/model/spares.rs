//! Copies of the network that a request's own thread may run: to wake another thread takes longer than a small batch.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::network::Network;

/// The copies that nobody is running at the moment.
pub(super) struct Spares {
    networks: Mutex<Vec<Network>>,
    /// A permit for each of them; closed when there are none at all.
    free: Semaphore,
}

/// One copy, given back when it is dropped.
pub(super) struct Borrowed<'a> {
    spares: &'a Spares,
    /// `None` only while dropping.
    network: Option<Network>,
    /// Goes after the network is back: fields are dropped last.
    _permit: SemaphorePermit<'a>,
}

impl Spares {
    /// As many for so many threads as leave half of them free to read what runs next: a run costs much before its first
    /// sequence, and a batch grows while its turn has not come.
    pub(super) fn worth_having(threads: usize) -> usize {
        (threads / 2).max(1)
    }

    pub(super) fn new(networks: Vec<Network>) -> Self {
        let free = Semaphore::new(networks.len());
        if networks.is_empty() {
            free.close();
        }
        Self {
            networks: Mutex::new(networks),
            free,
        }
    }

    /// A copy, as soon as one is free; `None` when there is none at all.
    pub(super) async fn borrow(&self) -> Option<Borrowed<'_>> {
        let permit = self.free.acquire().await.ok()?;
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Borrowed {
            spares: self,
            network: networks.pop(),
            _permit: permit,
        })
    }
}

impl Borrowed<'_> {
    pub(super) fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let networks = &self.spares.networks;
        let mut networks = networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.extend(self.network.take());
    }
}
