//! What all requests share: the model once it is loaded, the limits, and whether the server is about to end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::ApiError;
use crate::config::{ExplanationSettings, LimitSettings, NetworkSettings, ServerSettings};
use crate::explain::Policy;
use crate::model::Model;

/// The state of the server; clones share it.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Empty until the model is warm.
    model: OnceLock<Arc<Model>>,
    /// Set by SIGTERM: whoever balances load must look elsewhere.
    draining: AtomicBool,
    body_limit: usize,
    body_timeout: Duration,
    /// Bytes of bodies that may still be held.
    held_bytes: Arc<Semaphore>,
    policy: Policy,
    /// As many large bodies as there are threads are parsed at once; the others wait, and leave with their clients.
    parsing: Arc<Semaphore>,
    /// As many explanations as there are threads run at once: more would only hold memory.
    running_explanations: Semaphore,
    /// Running and waiting explanations together; beyond them the answer is 503.
    admitted_explanations: Semaphore,
}

/// Lets one explanation run; dropping it lets the next one.
#[derive(Debug)]
pub(super) struct ExplanationPermit<'a> {
    _running: SemaphorePermit<'a>,
    _admitted: SemaphorePermit<'a>,
}

impl App {
    /// A server without a model yet: alive, not ready.
    #[must_use]
    pub fn new(
        server: &ServerSettings,
        network: &NetworkSettings,
        limits: &LimitSettings,
        explanations: &ExplanationSettings,
    ) -> Self {
        let running = network.threads();
        Self(Arc::new(Inner {
            model: OnceLock::new(),
            draining: AtomicBool::new(false),
            body_limit: limits.body_bytes(),
            body_timeout: server.body_timeout,
            held_bytes: Arc::new(Semaphore::new(limits.held_bytes())),
            policy: explanations.policy(),
            parsing: Arc::new(Semaphore::new(running)),
            running_explanations: Semaphore::new(running),
            admitted_explanations: Semaphore::new(
                running + usize::from(explanations.explanation_queue),
            ),
        }))
    }

    /// Gives the server its model: from now on it is ready.
    pub fn set_model(&self, model: Model) {
        // A server loads one model in its life, so there is none to replace.
        let _ = self.0.model.set(Arc::new(model));
    }

    /// From now on the server is not ready: it finishes what it has and ends.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Whether new work is welcome.
    pub(super) fn is_ready(&self) -> bool {
        self.0.model.get().is_some() && !self.0.draining.load(Ordering::Relaxed)
    }

    /// The model, once it is warm; still there for what is under way while the server drains.
    pub(super) fn model(&self) -> Result<Arc<Model>, ApiError> {
        self.0.model.get().cloned().ok_or(ApiError::NotReady)
    }

    pub(super) fn policy(&self) -> Policy {
        self.0.policy
    }

    pub(super) fn body_limit(&self) -> usize {
        self.0.body_limit
    }

    pub(super) fn body_timeout(&self) -> Duration {
        self.0.body_timeout
    }

    /// Room for so many more bytes of a body; the caller is told to come back when there is none.
    pub(super) fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let bytes = u32::try_from(bytes).map_err(|_| ApiError::Busy)?;
        let held = self.0.held_bytes.clone().try_acquire_many_owned(bytes);
        held.map_err(|_| ApiError::Busy)
    }

    /// Does some long work away from the threads that answer requests.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = self.0.parsing.clone().acquire_owned().await;
        let permit = permit.map_err(|_| ApiError::NotReady)?;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        });
        done.await.map_err(|_| ApiError::Interrupted)
    }

    /// Waits for this explanation's turn; full at once when too many wait already.
    pub(super) async fn explanation_permit(&self) -> Result<ExplanationPermit<'_>, ApiError> {
        let admitted = self
            .0
            .admitted_explanations
            .try_acquire()
            .map_err(|_| ApiError::Busy)?;
        let running = self
            .0
            .running_explanations
            .acquire()
            .await
            .map_err(|_| ApiError::NotReady)?;
        Ok(ExplanationPermit {
            _running: running,
            _admitted: admitted,
        })
    }
}
