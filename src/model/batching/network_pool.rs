//! Network pool: copies of the network for the threads of callers.

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use microseg_runtime::Network;

/// The copies that no thread is running at the moment.
pub(super) struct NetworkPool {
    networks: Mutex<Vec<Box<dyn Network>>>,
    /// A permit for each of them; closed when the pool has none at all.
    free: Semaphore,
}

/// One copy, which returns to the pool when it is dropped.
pub(super) struct PooledNetwork<'a> {
    pool: &'a NetworkPool,
    /// `None` only while dropping.
    network: Option<Box<dyn Network>>,
    /// Released after the network is back: fields are dropped last.
    _permit: SemaphorePermit<'a>,
}

impl NetworkPool {
    pub(super) fn new(networks: Vec<Box<dyn Network>>) -> Self {
        let free = Semaphore::new(networks.len());
        if networks.is_empty() {
            free.close();
        }
        Self {
            networks: Mutex::new(networks),
            free,
        }
    }

    /// A copy, as soon as one is free; `None` when the pool has none at all.
    pub(super) async fn acquire(&self) -> Option<PooledNetwork<'_>> {
        let permit = self.free.acquire().await.ok()?;
        Some(PooledNetwork {
            pool: self,
            network: self.networks.lock().pop(),
            _permit: permit,
        })
    }
}

impl PooledNetwork<'_> {
    pub(super) fn network(&self) -> Option<&dyn Network> {
        self.network.as_deref()
    }
}

impl Drop for PooledNetwork<'_> {
    fn drop(&mut self) {
        self.pool.networks.lock().extend(self.network.take());
    }
}
