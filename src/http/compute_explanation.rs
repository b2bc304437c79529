//! Computation of an explanation on a thread of its own, and its record, which is written before the answer.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::body::KeptBody;
use super::{ApiError, App};
use microseg_config::KeepInput;
use microseg_encoding::History;
use microseg_explain::{Options, Origin, explain};
use microseg_model::Model;
use microseg_store::{AdmittedAt, KeptInput, NewRecord};
use microseg_timing::Timing;

/// One explanation to be computed.
pub(super) struct Assignment {
    pub(super) model: Arc<Model>,
    pub(super) history: History,
    pub(super) options: Options,
    pub(super) origin: Origin,
    /// The body of its request, where all of it is to be kept.
    pub(super) request: Option<KeptBody>,
    /// When it was requested: a customer who was erased since is not explained any more.
    pub(super) admitted: AdmittedAt,
    /// Whether it is a job's.
    pub(super) of_job: bool,
}

impl App {
    /// Computes an explanation when its turn has come, and records it. The record's bytes, and what it took.
    pub(super) async fn explain(
        &self,
        assignment: Assignment,
        timing: Timing,
    ) -> Result<(Vec<u8>, Timing), ApiError> {
        let (policy, keep) = (self.policy(), self.keep_input());
        let app = self.clone();
        let work = move |mut timing: Timing| async move {
            let Assignment {
                model,
                history,
                options,
                origin,
                request,
                admitted,
                of_job,
            } = assignment;
            let input = match (keep, &request) {
                (KeepInput::Digest, _) => KeptInput::Digest,
                (KeepInput::History, Some(request)) => KeptInput::History(request.bytes.to_vec()),
                (KeepInput::Totals | KeepInput::History, _) => {
                    KeptInput::Totals(history.totals.to_json(model.encoder().taxonomy())?)
                }
            };
            let customer_id = history.customer_id.clone();
            let explanation =
                explain(&model, history, &options, policy, origin, &mut timing).await?;
            app.metrics().explained(&explanation);
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
        let (record, timing) = self.compute(work, timing).await?;
        let record = self.store().append(record).await?;
        Ok((record, timing))
    }

    /// Runs some work for an explanation on a thread of its own once its turn has come; the work ends when it is not
    /// awaited any more.
    pub(super) async fn compute<T, F>(
        &self,
        work: impl FnOnce(Timing) -> F + Send + 'static,
        mut timing: Timing,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>>,
    {
        let waiting_since = Instant::now();
        let turn = self.explanation_turn().await?;
        timing.queue += waiting_since.elapsed();
        let (waiting, left) = oneshot::channel::<()>();
        let runtime = Handle::current();
        let span = tracing::Span::current();
        let computing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let work = async {
                tokio::select! {
                    biased;
                    _ = left => Err(ApiError::Interrupted),
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
