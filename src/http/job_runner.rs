//! Runner of the jobs of a server, one after the other.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::job_request::{self, JobRequest};
use crate::state::{
    Account, Assignment, BlockingPool, EveryTenant, Explainer, Jobs, KeptBody, Models, StateTokens,
};
use crate::{ApiError, App};
use microseg_access::Tenant;
use microseg_explain::{Options, Origin};
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{Store, StoreError, WaitingJob};
use microseg_timing::Timing;

/// How long the runner waits after a fault of the database before it tries again.
const AFTER_A_FAULT: Duration = Duration::from_secs(1);

/// How long the runner waits for a job before it looks by itself: another server on its store may have left one.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// A job that was started so often and never ended may be what ends its server: it is not started again.
const MOST_ATTEMPTS: u32 = 20;

/// Computes the jobs that wait, one after the other, for as long as the server lives. What a server left running when it
/// ended is computed again: at once by the next of its name, by any other when its lease has ended.
pub async fn run_jobs(app: App) {
    let runner = JobRunner {
        // The queue is that of all tenants.
        jobs: app.parts().jobs.of(&Tenant::default()),
        models: app.parts().models.clone(),
        pool: app.parts().pool.clone(),
        explainer: app.parts().explainer.clone(),
        state_tokens: app.parts().state_tokens.clone(),
    };
    let jobs = &runner.jobs;
    until_done(|| jobs.store.requeue_own_jobs()).await;
    loop {
        match until_done(|| jobs.store.next_job()).await {
            Some(Some(job)) => runner.run(job).await,
            Some(None) => jobs.enqueued(LOOK_AGAIN).await,
            None => return,
        }
    }
}

/// The states that a job needs.
struct JobRunner {
    jobs: Jobs,
    models: Models,
    pool: BlockingPool,
    explainer: EveryTenant<Explainer>,
    state_tokens: EveryTenant<StateTokens>,
}

/// Repeats a request to the store until it succeeds; `None` once the store has been closed.
async fn until_done<T, F: Future<Output = Result<T, StoreError>>>(
    ask: impl Fn() -> F,
) -> Option<T> {
    loop {
        match ask().await {
            Ok(done) => return Some(done),
            Err(StoreError::Closed) => return None,
            Err(error) => {
                tracing::error!(%error, "the jobs cannot be reached");
                tokio::time::sleep(AFTER_A_FAULT).await;
            }
        }
    }
}

impl JobRunner {
    async fn run(&self, job: WaitingJob) {
        let (id, attempts) = (job.id, job.attempts);
        let begun = Instant::now();
        let failed = if attempts > MOST_ATTEMPTS {
            ApiError::Interrupted
        } else {
            match self.holding(id, self.explain(job)).await {
                Ok(()) => {
                    let duration = microseg_timing::milliseconds(begun.elapsed());
                    tracing::info!(job = %id, duration_ms = duration, "a job is done");
                    return;
                }
                // Erased while it was computed, or recorded by another server on this store: nothing is left to say.
                Err(ApiError::Store(
                    StoreError::JobGone | StoreError::AlreadyRecorded | StoreError::ErasedMeanwhile,
                )) => return,
                Err(error) => error,
            }
        };
        tracing::error!(job = %id, attempts, cause = %failed, "a job failed");
        let problem = Problem::from(failed);
        // A network that hangs on a job's history would hang again, and cost the server another thread.
        let passes = problem.kind().status() == 503 && problem.kind() != ProblemKind::NetworkHung;
        if passes && attempts <= MOST_ATTEMPTS {
            // A fault that passes is not the job's: it is tried again, each time later.
            let later = AFTER_A_FAULT * attempts.clamp(1, 60);
            self.holding(id, tokio::time::sleep(later)).await;
            until_done(|| self.jobs.store.put_back(id)).await;
        } else {
            let problem = serde_json::to_vec(&problem).unwrap_or_default();
            until_done(|| self.jobs.store.fail_job(id, &problem)).await;
        }
    }

    /// Does some work for a job, and renews its lease meanwhile.
    async fn holding<T>(&self, id: Uuid, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(Store::LEASE / 3, &mut work).await {
                Ok(done) => return done,
                // Another server that takes it over computes the same, and only the first is recorded: the work may go on.
                Err(_) => match self.jobs.store.renew_lease(id).await {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::info!(job = %id, "a job is gone, or another server's by now");
                    }
                    Err(error) => tracing::warn!(job = %id, %error, "a lease could not be renewed"),
                },
            }
        }
    }

    async fn explain(&self, job: WaitingJob) -> Result<(), ApiError> {
        let started_at = Instant::now();
        let JobRequest {
            request_id,
            model: requested,
            body,
        } = job_request::decode(job.request);
        let model = self.models.select(&requested)?;

        let (reader, bytes) = (model.clone(), body.clone());
        let tokens = self.state_tokens.of(&job.tenant);
        let read = self
            .pool
            .run(move || tokens.read_with::<Options>(&reader, &bytes, "explain"))
            .await?;
        let (history, options) = read?;
        let timing = Timing {
            parse: started_at.elapsed(),
            ..Timing::default()
        };
        let assignment = Assignment {
            model,
            history,
            options: options.unwrap_or_default(),
            origin: Origin {
                id: job.id,
                request_id: Some(request_id),
                started_at,
            },
            request: Some(KeptBody::of_job(body)),
            admitted: job.admitted,
            of_job: true,
            account: Account::Jobs,
        };
        let explainer = self.explainer.of(&job.tenant);
        explainer.explain(assignment, timing).await.map(drop)
    }
}
