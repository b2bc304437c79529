//! `/v1/jobs`: explanations that are computed later, and who computes them.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::body::KeptBody;
use super::explaining::Assignment;
use super::{ApiError, App, explanations};
use microseg_explain::{Options, Origin};
use microseg_model::{ModelIdentity, RequestedModel};
use microseg_problem::Problem;
use microseg_store::{JobState, Store, StoreError, WaitingJob};
use microseg_timing::Timing;

/// How long to wait before asking again, in seconds.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("1");

/// How long the runner waits after a fault of the database before it tries again.
const AFTER_A_FAULT: Duration = Duration::from_secs(1);

/// How long the runner waits for a job before it looks by itself: another server on its store may have left one.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// A job that was started so often and never ended may be what ends its server: it is not started again.
const MOST_ATTEMPTS: u32 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/jobs/{id}", get(one))
}

/// Where a job is found on this server.
pub(super) fn address(id: Uuid) -> String {
    format!("/v1/jobs/{id}")
}

/// A job as its caller sees it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Job")]
pub(super) struct JobDocument {
    /// The id of the job, and of its explanation.
    id: Uuid,
    /// How far it is.
    status: Status,
    /// Where the explanation is, once it is done.
    explanation: Option<String>,
    /// Why it could not be computed, if it could not.
    #[schemars(with = "Option<Problem>")]
    problem: Option<Value>,
}

/// How far a job is.
#[derive(Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobStatus")]
pub(super) enum Status {
    /// It waits.
    Queued,
    /// It is being computed.
    Running,
    /// Its explanation is recorded.
    Done,
    /// It could not be computed.
    Failed,
}

impl JobDocument {
    pub(super) fn new(id: Uuid, status: Status) -> Self {
        Self {
            id,
            status,
            explanation: (status == Status::Done).then(|| explanations::address(id)),
            problem: None,
        }
    }
}

async fn one(
    State(app): State<App>,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NoSuchJob)?;
    let job = app.store().job(id).await?.ok_or(ApiError::NoSuchJob)?;
    let document = match job.state {
        JobState::Queued => JobDocument::new(id, Status::Queued),
        JobState::Running => JobDocument::new(id, Status::Running),
        JobState::Done => JobDocument::new(id, Status::Done),
        JobState::Failed { problem } => JobDocument {
            problem: Some(serde_json::from_slice(&problem)?),
            ..JobDocument::new(id, Status::Failed)
        },
    };
    let pending = matches!(document.status, Status::Queued | Status::Running);
    let mut response = Json(document).into_response();
    if pending {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, ASK_AGAIN);
    }
    Ok(response)
}

/// What a job keeps of the request that asked: a line with its id and the model that it is for, and its body.
pub(super) fn request_of_job(request_id: &str, model: &ModelIdentity, body: &[u8]) -> Vec<u8> {
    let line = format!("{request_id} {} {}\n", model.name, model.version);
    [line.as_bytes(), body].concat()
}

/// The request's id and the model of a job's first line.
fn asked_for(line: &str) -> (String, RequestedModel) {
    let mut words = line.split(' ').map(str::to_owned);
    let request_id = words.next().unwrap_or_default();
    let wish = RequestedModel {
        name: words.next(),
        version: words.next().and_then(|version| version.parse().ok()),
    };
    (request_id, wish)
}

/// Computes the jobs that wait, one after the other, for as long as the server lives. What a server left running when it
/// ended is computed again: at once by the next of its name, by any other when its lease has ended.
pub async fn run_jobs(app: App) {
    until_done(|| app.store().requeue_own_jobs()).await;
    loop {
        match until_done(|| app.store().next_job()).await {
            Some(Some(job)) => run(&app, job).await,
            Some(None) => {
                let woken = tokio::time::timeout(LOOK_AGAIN, app.jobs().notified());
                let _ = woken.await;
            }
            None => return,
        }
    }
}

/// Asks the store until it does what it is asked; `None` when it has been closed for good.
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

async fn run(app: &App, job: WaitingJob) {
    let (id, attempts) = (job.id, job.attempts);
    let begun = Instant::now();
    let failed = if attempts > MOST_ATTEMPTS {
        ApiError::Interrupted
    } else {
        match holding(app, id, explain(app, job)).await {
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
    let passes = problem.kind().status() == 503;
    if passes && attempts <= MOST_ATTEMPTS {
        // What passes is no answer: it is tried again, ever later.
        let later = AFTER_A_FAULT * attempts.clamp(1, 60);
        holding(app, id, tokio::time::sleep(later)).await;
        until_done(|| app.store().put_back(id)).await;
    } else {
        let problem = serde_json::to_vec(&problem).unwrap_or_default();
        until_done(|| app.store().fail_job(id, &problem)).await;
    }
}

/// Does something for a job, and keeps it from other servers meanwhile.
async fn holding<T>(app: &App, id: Uuid, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(Store::LEASE / 3, &mut work).await {
            Ok(done) => return done,
            // Whoever takes it over comes to the same, and the first of them is recorded: nothing is to be stopped.
            Err(_) => match app.store().renew_lease(id).await {
                Ok(true) => {}
                Ok(false) => tracing::info!(job = %id, "a job is gone, or another server's by now"),
                Err(error) => tracing::warn!(job = %id, %error, "a lease could not be renewed"),
            },
        }
    }
}

async fn explain(app: &App, job: WaitingJob) -> Result<(), ApiError> {
    let started_at = Instant::now();
    let request = Bytes::from(job.request);
    let line = request.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let (request_id, wish) = asked_for(&String::from_utf8_lossy(&request[..line]));
    let model = app.choose(&wish)?;
    let body = request.slice((line + 1).min(request.len())..);

    let (reader, bytes) = (model.clone(), body.clone());
    let read = app
        .aside(move || reader.encoder().read_with::<Options>(&bytes, "explain"))
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
    };
    app.explain(assignment, timing).await.map(drop)
}
