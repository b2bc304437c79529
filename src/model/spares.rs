//! Copies of the network that a request's own thread may run: to wake another thread takes longer than a small batch.

use std::sync::{Mutex, PoisonError};

use super::network::Network;

/// The copies that nobody is running at the moment.
pub(super) struct Spares(Mutex<Vec<Network>>);

/// One copy, given back when it is dropped.
pub(super) struct Borrowed<'a> {
    spares: &'a Spares,
    /// `None` only while dropping.
    network: Option<Network>,
}

impl Spares {
    pub(super) fn new(networks: Vec<Network>) -> Self {
        Self(Mutex::new(networks))
    }

    /// A copy, if one is free.
    pub(super) fn borrow(&self) -> Option<Borrowed<'_>> {
        let mut networks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        networks.pop().map(|network| Borrowed {
            spares: self,
            network: Some(network),
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
        let mut networks = self.spares.0.lock().unwrap_or_else(PoisonError::into_inner);
        networks.extend(self.network.take());
    }
}
