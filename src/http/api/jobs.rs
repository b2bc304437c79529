//! `/v1/jobs`: explanations that are computed later.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::explanations::id;
use super::preference;
use crate::ApiError;
use crate::operation::{Answer, Header, Operation, Tag, examples, json, parameters};
use crate::state::{Jobs, OfCaller};
use microseg_access::Scope;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::{JobState, Store};

/// How long to wait before asking again, in seconds.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("1");

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/v1/jobs/{id}", Scope::Read, one)
            .named("get_job", Tag::Explanations, "Ask how far a job is")
            .description(
                "Until it is done or failed, `retry-after` says when to ask again. A job outlives the server.",
            )
            .parameter(parameters::id("The job's id."))
            .answer(
                Answer::new(200, "The job.", json::<JobDocument>(examples::done))
                    .header(Header::RetryAfter),
            )
            .problems(&[ProblemKind::NotFound, ProblemKind::StoreUnavailable]),
    ]
}

/// Where a job is found on this server.
pub(super) fn address(id: Uuid) -> String {
    format!("/v1/jobs/{id}")
}

/// A job as its caller sees it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Job")]
pub(crate) struct JobDocument {
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
pub(crate) enum Status {
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
    /// A job in such a state.
    pub(crate) fn new(id: Uuid, status: Status) -> Self {
        Self {
            id,
            status,
            explanation: (status == Status::Done).then(|| id::address(id)),
            problem: None,
        }
    }
}

async fn one(
    OfCaller(jobs): OfCaller<Jobs>,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NoSuchJob)?;
    let document = find(&jobs.store, id).await?;
    let pending = matches!(document.status, Status::Queued | Status::Running);
    let mut response = Json(document).into_response();
    if pending {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, ASK_AGAIN);
    }
    Ok(response)
}

/// The answer that a job was queued.
pub(super) fn accepted(id: Uuid, job: Json<JobDocument>) -> Response {
    let headers = [(header::LOCATION, address(id)), preference::applied()];
    (StatusCode::ACCEPTED, headers, job).into_response()
}

/// A job as it is now.
///
/// # Errors
/// [`ApiError::NoSuchJob`] when there is none, and errors of the store.
pub(super) async fn find(store: &Store, id: Uuid) -> Result<JobDocument, ApiError> {
    let job = store.job(id).await?.ok_or(ApiError::NoSuchJob)?;
    Ok(match job.state {
        JobState::Queued => JobDocument::new(id, Status::Queued),
        JobState::Running => JobDocument::new(id, Status::Running),
        JobState::Done => JobDocument::new(id, Status::Done),
        JobState::Failed { problem } => JobDocument {
            problem: Some(serde_json::from_slice(&problem)?),
            ..JobDocument::new(id, Status::Failed)
        },
    })
}
