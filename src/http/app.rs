//! What all requests share: the model once it is loaded, the records, the limits, and whether the server is about to end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, SemaphorePermit, watch};

use super::ApiError;
use super::admission::Admission;
use super::metrics::Metrics;
use super::shadow::Shadow;
use microseg_access::ApiKeys;
use microseg_config::{KeepInput, ServiceSettings};
use microseg_explain::Policy;
use microseg_model::Registry;
use microseg_store::Store;
use microseg_telemetry::Traces;

/// The state of the server; clones share it.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Empty until the models are warm.
    models: OnceLock<Arc<Registry>>,
    /// Set by SIGTERM: whoever balances load must look elsewhere.
    draining: AtomicBool,
    /// Set when no more connections are accepted: bodies that could go on for ever come to their end.
    ending: watch::Sender<bool>,
    keys: ApiKeys,
    admission: Admission,
    body_limit: usize,
    body_timeout: Duration,
    /// Bytes of bodies that may still be held.
    held_bytes: Arc<Semaphore>,
    /// Bytes of lines that may still be held.
    held_line_bytes: Arc<Semaphore>,
    store: Store,
    keep_input: KeepInput,
    /// Jobs that may wait.
    job_queue: u64,
    /// Tells the runner of jobs that there is something to do.
    jobs: Notify,
    policy: Policy,
    chunks_at_once: usize,
    metrics: Metrics,
    traces: Option<Traces>,
    shadow: Shadow,
    /// As many large bodies as there are threads are parsed at once; the others wait, and leave with their clients.
    parsing: Arc<Semaphore>,
    /// So many explanations are computed at once: the other processors are for scorings.
    running_explanations: Arc<Semaphore>,
    /// Running and waiting explanations together; beyond them the answer is 503.
    admitted_explanations: Semaphore,
}

impl App {
    /// A server without a model yet: alive, not ready.
    #[must_use]
    pub fn new(
        settings: &ServiceSettings,
        keys: ApiKeys,
        store: Store,
        traces: Option<Traces>,
    ) -> Self {
        let ServiceSettings {
            server,
            traffic,
            network,
            limits,
            explanations,
            capacity,
            records,
            shadow,
            ..
        } = settings;
        let running = capacity.threads();
        Self(Arc::new(Inner {
            models: OnceLock::new(),
            draining: AtomicBool::new(false),
            ending: watch::Sender::new(false),
            keys,
            admission: Admission::new(traffic),
            body_limit: limits.body_bytes(),
            body_timeout: server.body_timeout,
            held_bytes: Arc::new(Semaphore::new(limits.held_bytes())),
            held_line_bytes: Arc::new(Semaphore::new(limits.held_line_bytes())),
            store,
            keep_input: records.keep_input,
            job_queue: records.job_queue.into(),
            jobs: Notify::new(),
            policy: explanations.policy(),
            chunks_at_once: network.threads() + 1,
            metrics: Metrics::new(),
            traces,
            shadow: Shadow::new(shadow.shadow_percent),
            parsing: Arc::new(Semaphore::new(network.threads())),
            running_explanations: Arc::new(Semaphore::new(running)),
            admitted_explanations: Semaphore::new(
                running + usize::from(capacity.explanation_queue),
            ),
        }))
    }

    /// Gives the server its models: from now on it is ready.
    pub fn set_models(&self, models: Registry) {
        let models = Arc::new(models);
        self.0.metrics.of_networks(models.clone());
        // A server has one registry in its life, which exchanges the models in it.
        let _ = self.0.models.set(models);
    }

    /// From now on the server is not ready: it will end.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// From now on it finishes what it has.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// Whether new work is welcome.
    pub(super) fn is_ready(&self) -> bool {
        self.0.models.get().is_some() && !self.0.draining.load(Ordering::Relaxed)
    }

    /// The models, once they are warm; still there for what is under way while the server drains.
    pub(super) fn models(&self) -> Result<&Arc<Registry>, ApiError> {
        self.0.models.get().ok_or(ApiError::NotReady)
    }

    /// Copies of what is scored, for the version that is tried out.
    pub(super) fn shadow(&self) -> &Shadow {
        &self.0.shadow
    }

    pub(super) fn keys(&self) -> &ApiKeys {
        &self.0.keys
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.0.admission
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(super) fn keep_input(&self) -> KeepInput {
        self.0.keep_input
    }

    pub(super) fn job_queue(&self) -> u64 {
        self.0.job_queue
    }

    /// Wakes the runner of jobs, or resolves once it was woken.
    pub(super) fn jobs(&self) -> &Notify {
        &self.0.jobs
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
        hold(&self.0.held_bytes, bytes)
    }

    /// Room for so many more bytes of lines, which have a share of their own: they leave single bodies theirs.
    pub(super) fn hold_line(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        hold(&self.0.held_line_bytes, bytes)
    }

    /// Waits for room for so many more bytes of lines.
    pub(super) async fn hold_line_when_free(
        &self,
        bytes: usize,
    ) -> Result<OwnedSemaphorePermit, ApiError> {
        let bytes = u32::try_from(bytes).map_err(|_| ApiError::Busy)?;
        let held = self.0.held_line_bytes.clone();
        let held = held.acquire_many_owned(bytes).await;
        held.map_err(|_| ApiError::Busy)
    }

    /// Resolves once the server finishes what it has.
    pub(super) async fn drained(&self) {
        let mut ending = self.0.ending.subscribe();
        // The sender lives as long as this does.
        let _ = ending.wait_for(|&ending| ending).await;
    }

    /// How many chunks of one request are worked on at once: one for each thread that parses, and one to follow.
    pub(super) fn chunks_at_once(&self) -> usize {
        self.0.chunks_at_once
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Where the spans of requests go, if anywhere.
    pub(super) fn traces(&self) -> Option<&Traces> {
        self.0.traces.as_ref()
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

    /// A place among the explanations that run or wait; none is left when too many do.
    pub(super) fn admit_explanation(&self) -> Result<SemaphorePermit<'_>, ApiError> {
        let admitted = self.0.admitted_explanations.try_acquire();
        admitted.map_err(|_| ApiError::Busy)
    }

    /// Waits until one more explanation may be computed.
    pub(super) async fn explanation_turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let running = self.0.running_explanations.clone().acquire_owned().await;
        running.map_err(|_| ApiError::NotReady)
    }
}

fn hold(room: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    let bytes = u32::try_from(bytes).map_err(|_| ApiError::Busy)?;
    let held = room.clone().try_acquire_many_owned(bytes);
    held.map_err(|_| ApiError::Busy)
}
