//! Phases of the server's life: serving, draining, ending.

use tokio::sync::watch;

/// The phase that the server is in; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Lifecycle(watch::Sender<Phase>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// New work is accepted.
    Serving,
    /// New work is accepted, but the server is not ready: load balancers are to send it elsewhere.
    Draining,
    /// No more connections are accepted, and bodies without an end are ended.
    Ending,
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }

    pub(super) fn drain(&self) {
        self.0.send_replace(Phase::Draining);
    }

    pub(super) fn end(&self) {
        self.0.send_replace(Phase::Ending);
    }

    pub(crate) fn is_serving(&self) -> bool {
        *self.0.borrow() == Phase::Serving
    }

    pub(crate) fn is_ending(&self) -> bool {
        *self.0.borrow() == Phase::Ending
    }

    /// Resolves when the server ends.
    pub(crate) async fn ending(&self) {
        let mut phases = self.0.subscribe();
        // The sender lives as long as this does.
        let _ = phases.wait_for(|phase| *phase == Phase::Ending).await;
    }
}
