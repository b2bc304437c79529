//! Errors of the interface and their answers. What the caller may know is in the problem; the rest is logged.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::HeadFault;
use crate::out_of_proportion::OutOfProportion;
use microseg_access::Scope;
use microseg_explain::{Difference, ExplainError};
use microseg_history::HistoryError;
use microseg_model::{DirectoryError, RunError, SelectionError};
use microseg_pages::PageError;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::StoreError;

/// How long a caller should wait before the same request again, in seconds, where nothing better is known.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// How a key is to be sent (RFC 6750).
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What the sender of a form is told where the form is another site's.
const CROSS_SITE: &str = "a form is taken from a page of this server only";

/// Why a request gets no answer of its own kind; each begins with its status.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400 for what is not JSON, 422 for JSON that is not a history.
    #[error("the history was refused")]
    History(#[from] HistoryError),
    /// 422 for a target or a language that the model does not have; else as [`RunError`].
    #[error("the explanation failed: {0}")]
    Explain(#[from] ExplainError),
    /// 503 when too much waits for the network, 500 when the network fails.
    #[error("the run failed: {0}")]
    Run(#[from] RunError),
    /// 503 when the records cannot be reached or too much waits for them; 500 for a record that was altered.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// 500: a document could not be written or read.
    #[error("a document could not be written or read")]
    Document(#[from] serde_json::Error),
    /// 500: a state could not be made into a token.
    #[error("a state could not be sealed")]
    StateNotSealed,
    /// 404: no such explanation, or it was erased.
    #[error("no such explanation")]
    NoSuchExplanation,
    /// 404: no such job, or it was erased.
    #[error("no such job")]
    NoSuchJob,
    /// 404: no transactions of the customer are kept, or they were erased.
    #[error("no such customer")]
    NoSuchCustomer,
    /// 422: a parameter of the query is missing or wrong.
    #[error("the query was refused")]
    Query {
        /// Which parameter.
        parameter: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// 422: nothing was kept that the explanation could be computed from.
    #[error("not verifiable: {0}")]
    NotVerifiable(&'static str),
    /// 409: computed again, the explanation differs from its record.
    #[error("the explanation differs from its record")]
    Disagreement(Vec<Difference>),
    /// 400 for a head that is not as HTTP has it, 501 for a transfer coding that is not decoded.
    #[error("the head was refused: {0:?}")]
    Head(HeadFault),
    /// 409: the same request, with the same key, is being done.
    #[error("the request is under way")]
    UnderWay,
    /// 422: another request had this key.
    #[error("another request had this idempotency-key")]
    KeyReused,
    /// 400: the connection broke, or the body's framing was wrong.
    #[error("the body could not be read")]
    BodyUnreadable,
    /// 413: a compressed body became out of proportion.
    #[error("the body became out of proportion")]
    BodyOutOfProportion,
    /// 401: no key, or one that the server does not know.
    #[error("no key that the server knows")]
    Unauthorized,
    /// 403: the key lacks the scope.
    #[error("the key lacks the scope {}", .scope.name())]
    Forbidden {
        /// The scope that is required.
        scope: Scope,
    },
    /// 403: the key belongs to a tenant, and the operation concerns the whole server.
    #[error("the key belongs to a tenant")]
    WholeServer {
        /// The scope that a key without a tenant needs for it.
        scope: Scope,
    },
    /// 404: no such address.
    #[error("nothing at this address")]
    NotFound,
    /// 404: no such model, or no such version of it; 422 when several are served and none is named.
    #[error(transparent)]
    Choice(#[from] SelectionError),
    /// 422: the content is refused, with the reason.
    #[error("{0}")]
    InvalidContent(String),
    /// 500: the folder of models cannot be read.
    #[error("the models cannot be read: {0}")]
    Directory(#[from] DirectoryError),
    /// 422: bundles that do not load; each by its name and version.
    #[error("bundles were refused")]
    BundleRefused(Vec<String>),
    /// 405: the address has other methods.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// 408: the body took longer than `body_timeout`.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// 413: the body is larger than `max_body_bytes`.
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// 415: the body is not declared as what this address reads.
    #[error("the content type is another one")]
    UnsupportedMediaType {
        /// What to send instead.
        expected: &'static str,
    },
    /// 429: more requests than one caller may send.
    #[error("too many requests of one caller")]
    TooManyRequests {
        /// When the next one will be admitted, in seconds.
        retry_after: u64,
    },
    /// 500: a handler panicked.
    #[error("a handler panicked")]
    Panic,
    /// 500: a thread of the server ended before its work was done.
    #[error("a thread ended before its work was done")]
    Interrupted,
    /// 500: a page could not be made.
    #[error("a page could not be made: {0}")]
    Page(#[from] PageError),
    /// 403: a page of another site sent a form.
    #[error("a page of another site sent a form")]
    CrossSite,
    /// 503: too much is waiting.
    #[error("busy")]
    Busy,
    /// 503: the caller holds its share of a resource already.
    #[error("the caller's share of the {resource} is full")]
    ShareFull {
        /// The resource in words.
        resource: &'static str,
        /// The setting of its size.
        setting: &'static str,
    },
    /// 503: the model is not loaded yet, or the server is about to end.
    #[error("not ready")]
    NotReady,
}

impl From<HeadFault> for ApiError {
    fn from(fault: HeadFault) -> Self {
        Self::Head(fault)
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let (kind, detail) = match error {
            ApiError::History(error) => return error.into(),
            ApiError::Explain(error) => return error.into(),
            ApiError::Run(error) => return error.into(),
            ApiError::Store(error) => return error.into(),
            ApiError::Disagreement(differences) => return Self::disagreement(differences),
            ApiError::NoSuchExplanation => return nothing("there is no explanation with this id, or it was erased"),
            ApiError::NoSuchJob => return nothing("there is no job with this id, or it was erased"),
            ApiError::NoSuchCustomer => return nothing("no transactions of this customer are kept, or they were erased"),
            ApiError::NotFound => return nothing("there is nothing at this address"),
            ApiError::Query {
                parameter,
                expected,
            } => (
                ProblemKind::InvalidContent,
                format!("the query's {parameter}: expected {expected}"),
            ),
            ApiError::UnderWay => (
                ProblemKind::UnderWay,
                "the same request with this idempotency-key is being done: send it again for its answer".to_owned(),
            ),
            ApiError::KeyReused => (
                ProblemKind::KeyReused,
                "another request, or another query or body, was sent with this idempotency-key".to_owned(),
            ),
            ApiError::NotVerifiable(detail) => (ProblemKind::NotVerifiable, detail.to_owned()),
            ApiError::Head(fault) => return fault.into(),
            ApiError::BodyUnreadable => (
                ProblemKind::MalformedBody,
                "the body ended before it was complete".to_owned(),
            ),
            ApiError::BodyOutOfProportion => (
                ProblemKind::BodyTooLarge,
                OutOfProportion.to_string(),
            ),
            ApiError::Unauthorized => (
                ProblemKind::Unauthorized,
                "send a key that this server knows, as `authorization: Bearer KEY`".to_owned(),
            ),
            ApiError::Forbidden { scope } => (ProblemKind::Forbidden, lacking(scope)),
            ApiError::WholeServer { scope } => (ProblemKind::Forbidden, of_no_tenant(scope)),
            ApiError::Choice(error) => return error.into(),
            ApiError::InvalidContent(detail) => (ProblemKind::InvalidContent, detail),
            ApiError::BundleRefused(refused) => (
                ProblemKind::BundleRefused,
                format!(
                    "these do not load, and what served before still does: {}; the server's log says why",
                    refused.join(", ")
                ),
            ),
            ApiError::MethodNotAllowed => (
                ProblemKind::MethodNotAllowed,
                "the header `allow` lists the methods of this address".to_owned(),
            ),
            ApiError::BodyTimeout => (
                ProblemKind::BodyTimeout,
                "the body took longer than the limit body_timeout".to_owned(),
            ),
            ApiError::BodyTooLarge { limit } => (
                ProblemKind::BodyTooLarge,
                format!("the body is larger than {limit} bytes, the limit max_body_bytes"),
            ),
            ApiError::UnsupportedMediaType { expected } => (
                ProblemKind::UnsupportedMediaType,
                format!("send {expected}; with content-encoding gzip or zstd, or none"),
            ),
            ApiError::TooManyRequests { .. } => (
                ProblemKind::TooManyRequests,
                "more requests than the limit rate_per_second".to_owned(),
            ),
            ApiError::Panic
            | ApiError::Interrupted
            | ApiError::Document(_)
            | ApiError::StateNotSealed
            | ApiError::Page(_)
            | ApiError::Directory(_) => (
                ProblemKind::Internal,
                "the server's log says more under this x-request-id".to_owned(),
            ),
            ApiError::CrossSite => (ProblemKind::Forbidden, CROSS_SITE.to_owned()),
            ApiError::Busy => (ProblemKind::Busy, "too much is waiting already".to_owned()),
            ApiError::ShareFull { resource, setting } => (
                ProblemKind::ShareFull,
                format!(
                    "this caller has its share of the {resource}, which leaves the rest for others: end some of its own, \
                     or try again later (the limits caller_share and {setting})"
                ),
            ),
            ApiError::NotReady => (
                ProblemKind::NotReady,
                "the model is being loaded, or the server is about to end".to_owned(),
            ),
        };
        Self::new(kind, detail)
    }
}

/// The problem of what is not there.
fn nothing(detail: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, detail)
}

/// What a key lacks.
fn lacking(scope: Scope) -> String {
    match scope {
        Scope::Read => "the key lacks the scope `read` or `explain`".to_owned(),
        _ => format!("the key lacks the scope `{}`", scope.name()),
    }
}

/// The key that an operation of the whole server needs.
fn of_no_tenant(scope: Scope) -> String {
    let name = scope.name();
    format!(
        "this concerns the whole server: it needs a key with the scope `{name}` and without a tenant"
    )
}

impl ApiError {
    /// The problem to answer; what its caller may not know goes to the log.
    pub(super) fn into_problem(self) -> Problem {
        let cause = self.to_string();
        let problem = Problem::from(self);
        if matches!(
            problem.kind(),
            ProblemKind::Internal | ProblemKind::RecordAltered | ProblemKind::StoreUnavailable
        ) {
            tracing::error!(cause, "a request failed");
        }
        problem
    }
}

impl ApiError {
    /// Of a body that cannot be read any further.
    pub(crate) fn of_body(error: &axum::Error) -> Self {
        if OutOfProportion::is_cause_of(error) {
            Self::BodyOutOfProportion
        } else {
            Self::BodyUnreadable
        }
    }

    fn retry_after(&self) -> HeaderValue {
        match self {
            Self::TooManyRequests { retry_after } => (*retry_after).into(),
            _ => RETRY_AFTER,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after();
        let problem = self.into_problem();
        let mut response = respond(problem.kind(), retry_after, Json(&problem));
        // A protocol may give its answers another form.
        response.extensions_mut().insert(problem);
        response
    }
}

fn respond(kind: ProblemKind, retry_after: HeaderValue, document: impl IntoResponse) -> Response {
    // Every kind has a valid status.
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, document).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    if kind == ProblemKind::UnderWay {
        headers.insert(header::RETRY_AFTER, retry_after.clone());
    }
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, BEARER);
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, retry_after);
        }
        _ => {}
    }
    response
}
