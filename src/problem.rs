//! Problems: errors as documents (RFC 9457), the same over HTTP and on the command line.

use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::Serialize;

use crate::explain::{Difference, ExplainError};
use crate::history::HistoryError;
use crate::model::RunError;
use crate::store::StoreError;

/// What kind of thing went wrong; the `type` of a problem. `docs/problems.md` says what to do about each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// 400: the body is not JSON in UTF-8, or ended too early.
    MalformedBody,
    /// 401: no key came with the request, or one that the server does not know.
    Unauthorized,
    /// 403: the key is not good for this.
    Forbidden,
    /// 404: there is nothing at this address.
    NotFound,
    /// 405: the address is right, the method is not.
    MethodNotAllowed,
    /// 408: the body did not arrive in time.
    BodyTimeout,
    /// 413: the body is larger than the server takes.
    BodyTooLarge,
    /// 415: the body is not declared as JSON.
    UnsupportedMediaType,
    /// 409: a recorded explanation, computed again, comes out otherwise.
    Disagreement,
    /// 409: the customer was erased while the explanation was computed.
    ErasedMeanwhile,
    /// 422: JSON, but not a history, or not what can be asked of an explanation.
    InvalidContent,
    /// 422: nothing was kept that a recorded explanation could be computed from.
    NotVerifiable,
    /// 422: a bundle in the folder of models does not load.
    BundleRefused,
    /// 429: more requests than one caller may send.
    TooManyRequests,
    /// 500: the fault is the server's; its log says more under the request's id.
    Internal,
    /// 503: more work is waiting than the server takes on; the same request will do later.
    Busy,
    /// 503: the model is not loaded yet, or the server is about to end.
    NotReady,
    /// 503: the database of records cannot be reached or written.
    StoreUnavailable,
}

impl ProblemKind {
    /// The HTTP status, 400 to 599.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedBody => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTimeout => 408,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Disagreement | Self::ErasedMeanwhile => 409,
            Self::InvalidContent | Self::NotVerifiable | Self::BundleRefused => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Busy | Self::NotReady | Self::StoreUnavailable => 503,
        }
    }

    /// The last part of the `type`, which names the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        let identifier = self.identifier();
        identifier.rsplit(':').next().unwrap_or(identifier)
    }

    fn identifier(self) -> &'static str {
        match self {
            Self::MalformedBody => "urn:microseg:problem:malformed-body",
            Self::Unauthorized => "urn:microseg:problem:unauthorized",
            Self::Forbidden => "urn:microseg:problem:forbidden",
            Self::NotFound => "urn:microseg:problem:not-found",
            Self::MethodNotAllowed => "urn:microseg:problem:method-not-allowed",
            Self::BodyTimeout => "urn:microseg:problem:body-timeout",
            Self::BodyTooLarge => "urn:microseg:problem:body-too-large",
            Self::UnsupportedMediaType => "urn:microseg:problem:unsupported-media-type",
            Self::Disagreement => "urn:microseg:problem:disagreement",
            Self::ErasedMeanwhile => "urn:microseg:problem:erased-meanwhile",
            Self::InvalidContent => "urn:microseg:problem:invalid-content",
            Self::NotVerifiable => "urn:microseg:problem:not-verifiable",
            Self::BundleRefused => "urn:microseg:problem:bundle-refused",
            Self::TooManyRequests => "urn:microseg:problem:too-many-requests",
            Self::Internal => "urn:microseg:problem:internal",
            Self::Busy => "urn:microseg:problem:busy",
            Self::NotReady => "urn:microseg:problem:not-ready",
            Self::StoreUnavailable => "urn:microseg:problem:store-unavailable",
        }
    }

    /// The kind in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedBody => "The body is not JSON",
            Self::Unauthorized => "A key is needed",
            Self::Forbidden => "The key is not good for this",
            Self::NotFound => "Nothing is here",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::BodyTimeout => "The body did not arrive in time",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The media type is not supported",
            Self::Disagreement => "The explanation comes out otherwise",
            Self::ErasedMeanwhile => "The customer was erased meanwhile",
            Self::InvalidContent => "The content is not valid",
            Self::NotVerifiable => "The explanation cannot be computed again",
            Self::BundleRefused => "A bundle does not load",
            Self::TooManyRequests => "Too many requests",
            Self::Internal => "The server failed",
            Self::Busy => "The server is busy",
            Self::NotReady => "The server is not ready",
            Self::StoreUnavailable => "The records cannot be reached",
        }
    }
}

/// An error as a document. It never holds a value of a history, nor the server's inner affairs.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    type_: &'static str,
    /// The kind in words, always the same.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// This case in a sentence.
    detail: String,
    /// The line of the input, from 1, where the input has many.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<NonZeroU64>,
    /// Where in the body, or in its line, if it is the body's fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    /// Where a recorded explanation and the one computed now differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    #[serde(skip)]
    kind: ProblemKind,
}

/// One fault of a body.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "BodyFault")]
struct Fault {
    /// JSON Pointer into the body (RFC 6901); empty for the body as a whole.
    pointer: String,
    /// What was expected there.
    detail: String,
}

impl Problem {
    /// A problem that is not about a place in the body.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            type_: kind.identifier(),
            title: kind.title(),
            status: kind.status(),
            detail: detail.into(),
            line: None,
            errors: Vec::new(),
            differences: Vec::new(),
            kind,
        }
    }

    fn at(kind: ProblemKind, pointer: String, fault: String) -> Self {
        let detail = match pointer.as_str() {
            "" => fault.clone(),
            pointer => format!("{pointer}: {fault}"),
        };
        Self {
            errors: vec![Fault {
                pointer,
                detail: fault,
            }],
            ..Self::new(kind, detail)
        }
    }

    /// A recorded explanation that came out otherwise, and where.
    #[must_use]
    pub fn disagreement(differences: Vec<Difference>) -> Self {
        let detail =
            "computed again, the explanation differs from its record; `differences` says where";
        Self {
            differences,
            ..Self::new(ProblemKind::Disagreement, detail)
        }
    }

    /// A transaction that came after its period had closed, where none may.
    #[must_use]
    pub fn late_transaction() -> Self {
        Self::at(
            ProblemKind::InvalidContent,
            "/timestamp".to_owned(),
            "its period has closed already: transactions come in the order of time".to_owned(),
        )
    }

    /// The same problem, on a line of the input, from 1.
    #[must_use]
    pub fn on_line(self, line: u64) -> Self {
        Self {
            line: NonZeroU64::new(line),
            ..self
        }
    }

    /// This case in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotUtf8 { offset } => Self::at(
                ProblemKind::MalformedBody,
                String::new(),
                format!("not UTF-8 at byte {offset}"),
            ),
            HistoryError::Malformed {
                pointer,
                detail,
                line,
                column,
            } => {
                let fault = format!("{detail} at line {line}, column {column}");
                Self::at(ProblemKind::MalformedBody, pointer, fault)
            }
            HistoryError::Invalid { pointer, detail } => {
                Self::at(ProblemKind::InvalidContent, pointer, detail)
            }
        }
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Busy => Self::new(
                ProblemKind::Busy,
                "too many requests are waiting for the network",
            ),
            RunError::Stopped => Self::new(ProblemKind::NotReady, "the network has been stopped"),
            // libtorch's words are for the log.
            RunError::Network(_) => {
                Self::new(ProblemKind::Internal, "the network could not be run")
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(ProblemKind::Busy, "too much is waiting already"),
            StoreError::ErasedMeanwhile => Self::new(
                ProblemKind::ErasedMeanwhile,
                "the customer was erased while this was computed; nothing was recorded",
            ),
            StoreError::Draft(_) | StoreError::AlreadyRecorded => Self::new(
                ProblemKind::Internal,
                "the explanation could not be recorded",
            ),
            // The database's words are for the log.
            _ => Self::new(
                ProblemKind::StoreUnavailable,
                "the records cannot be reached, so nothing is acknowledged",
            ),
        }
    }
}

impl From<ExplainError> for Problem {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Target { .. } => Self::at(
                ProblemKind::InvalidContent,
                "/explain/target".to_owned(),
                error.to_string(),
            ),
            ExplainError::Language { .. } => Self::at(
                ProblemKind::InvalidContent,
                "/explain/language".to_owned(),
                error.to_string(),
            ),
            ExplainError::Run(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_body_is_pointed_at() {
        let error = HistoryError::Invalid {
            pointer: "/as_of".to_owned(),
            detail: "expected a time".to_owned(),
        };
        assert_eq!(
            serde_json::to_value(Problem::from(error)).unwrap(),
            serde_json::json!({
                "type": "urn:microseg:problem:invalid-content",
                "title": "The content is not valid",
                "status": 422,
                "detail": "/as_of: expected a time",
                "errors": [{"pointer": "/as_of", "detail": "expected a time"}],
            })
        );
    }
}
