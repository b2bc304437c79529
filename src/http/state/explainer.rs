//! Computation of explanations on threads of their own, each recorded before it is answered.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::shares::{Held, Resource, SharePolicy, SharedResource};
use super::tenants::TenantState;
use super::{Account, KeptBody, Records, Telemetry};
use crate::ApiError;
use microseg_access::Tenant;
use microseg_config::{KeepInput, ServiceSettings};
use microseg_encoding::History;
use microseg_explain::{Options, Origin, Policy, explain};
use microseg_model::Model;
use microseg_store::{AdmittedAt, KeptInput, NewRecord};
use microseg_timing::Timing;

/// One explanation to be computed.
pub(crate) struct Assignment {
    pub(crate) model: Arc<Model>,
    pub(crate) history: History,
    pub(crate) options: Options,
    pub(crate) origin: Origin,
    /// The body of its request, where all of it is to be kept.
    pub(crate) request: Option<KeptBody>,
    /// The time of its request: a customer that was erased since is not explained any more.
    pub(crate) admitted: AdmittedAt,
    /// Whether it is a job's.
    pub(crate) of_job: bool,
    /// The caller's account, or that of the jobs.
    pub(crate) account: Account,
}

/// Limits on explanations, and where they are recorded; clones share the limits.
#[derive(Debug, Clone)]
pub(crate) struct Explainer {
    policy: Policy,
    pub(crate) records: Records,
    telemetry: Telemetry,
    /// So many explanations are computed at once: the other processors are for scorings. Those of one caller begin in
    /// their order, and callers by turns.
    running: SharedResource,
    /// Running and waiting explanations together; beyond them the answer is 503.
    admitted: SharedResource,
    /// How many may run and wait together.
    pub(crate) most: usize,
    /// How many run at once.
    pub(crate) at_once: usize,
}

impl Explainer {
    pub(super) fn new(settings: &ServiceSettings, records: Records, telemetry: Telemetry) -> Self {
        let running = settings.capacity.threads();
        let waiting = usize::from(settings.capacity.explanation_queue);
        Self {
            policy: settings.explanations.policy(),
            records,
            telemetry,
            running: SharedResource::new(Resource::Explanations, running, SharePolicy::unlimited()),
            // One caller may keep all threads busy: what runs ends, and then it is another one's turn.
            admitted: SharedResource::with(
                Resource::Explanations,
                running + waiting,
                SharePolicy::new(&settings.traffic),
                running,
            ),
            most: running + waiting,
            at_once: running,
        }
    }

    /// Checks that options choose nothing that the operator has fixed.
    ///
    /// # Errors
    /// [`ApiError::Explain`] names the member that does.
    pub(crate) fn check(&self, options: &Options) -> Result<(), ApiError> {
        Ok(self.policy.check(options)?)
    }

    /// A place among the explanations that run or wait.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn admit(&self, account: &Account) -> Result<Held, ApiError> {
        self.admit_many(account, 1)
    }

    /// Places for so many explanations at once.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) fn admit_many(&self, account: &Account, count: usize) -> Result<Held, ApiError> {
        self.admitted.take(account, count)
    }

    /// Computes an explanation when fewer than may run are running, and records it: the record's bytes, and what it took.
    ///
    /// # Errors
    /// [`ApiError`] when it cannot be computed or recorded.
    pub(crate) async fn explain(
        &self,
        assignment: Assignment,
        timing: Timing,
    ) -> Result<(Vec<u8>, Timing), ApiError> {
        let (policy, keep) = (self.policy, self.records.keep_input);
        let telemetry = self.telemetry.clone();
        let account = assignment.account.clone();
        let work = move |mut timing: Timing| async move {
            let Assignment {
                model,
                history,
                options,
                origin,
                request,
                admitted,
                of_job,
                account: _,
            } = assignment;
            let input = match (keep, &request) {
                (KeepInput::Digest, _) => KeptInput::Digest,
                (KeepInput::History, Some(request)) => KeptInput::History(request.bytes.to_vec()),
                (KeepInput::Totals | KeepInput::History, _) => {
                    KeptInput::Totals(history.to_json(model.encoder())?)
                }
            };
            let customer_id = history.customer_id.clone();
            let explanation =
                explain(&model, history, &options, policy, origin, &mut timing).await?;
            telemetry.metrics().explained(&explanation);
            let record = NewRecord {
                id: explanation.id,
                created_at: explanation.created_at,
                customer_id,
                document: serde_json::to_vec(&explanation)?,
                input,
                admitted,
                of_job,
            };
            Ok((record, timing))
        };
        let (record, timing) = self.compute(&account, work, timing).await?;
        let record = self.records.store.append(record).await?;
        Ok((record, timing))
    }

    /// Runs some work for an explanation on a thread of its own, when fewer than may run are running. The work stops when
    /// the future is dropped.
    ///
    /// # Errors
    /// [`ApiError`] of the work, or when it ends early.
    pub(crate) async fn compute<T, F>(
        &self,
        account: &Account,
        work: impl FnOnce(Timing) -> F + Send + 'static,
        mut timing: Timing,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>>,
    {
        let waiting_since = Instant::now();
        let thread = self.running.wait_for(account, 1).await?;
        timing.queue += waiting_since.elapsed();
        let (waiting, dropped) = oneshot::channel::<()>();
        let runtime = Handle::current();
        let span = tracing::Span::current();
        let computing = tokio::task::spawn_blocking(move || {
            let _thread = thread;
            let work = async {
                tokio::select! {
                    biased;
                    _ = dropped => Err(ApiError::Interrupted),
                    done = work(timing) => done,
                }
            };
            runtime.block_on(work.instrument(span))
        });
        let computed = computing.await;
        drop(waiting);
        computed.map_err(|_| ApiError::Interrupted)?
    }
}

impl TenantState for Explainer {
    fn of(&self, tenant: &Tenant) -> Self {
        Self {
            records: self.records.of(tenant),
            ..self.clone()
        }
    }
}
