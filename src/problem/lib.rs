//! Problem details: errors as JSON documents (RFC 9457), the same over HTTP and on the command line.

use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use strum::IntoStaticStr;

/// The kind of a problem, which is its `type`. `docs/problems.md` describes the remedy for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(prefix = "urn:microseg:problem:", serialize_all = "kebab-case")]
pub enum ProblemKind {
    /// 400: the head of the request is not as HTTP has it.
    MalformedHead,
    /// 400: the body is not JSON in UTF-8, or ended too early.
    MalformedBody,
    /// 401: the request has no key, or an unknown one.
    Unauthorized,
    /// 403: the key does not have the required scope.
    Forbidden,
    /// 404: there is nothing at this address.
    NotFound,
    /// 405: the address is right, the method is not.
    MethodNotAllowed,
    /// 408: the body did not arrive in time.
    BodyTimeout,
    /// 410: the customer was erased, and nothing more is kept of it.
    CustomerErased,
    /// 413: the body is beyond the limit.
    BodyTooLarge,
    /// 415: the body is not declared as JSON.
    UnsupportedMediaType,
    /// 409: a recorded explanation, computed again, differs from its record.
    Disagreement,
    /// 409: the customer was erased while the explanation was computed.
    ErasedMeanwhile,
    /// 409: the same request, with the same idempotency-key, is being done.
    UnderWay,
    /// 422: another request had this idempotency-key.
    KeyReused,
    /// 422: the body is JSON, but not a valid history or not valid options of an explanation.
    InvalidContent,
    /// 422: the input of a recorded explanation was not kept, so that it cannot be computed again.
    NotVerifiable,
    /// 422: a bundle in the folder of models does not load.
    BundleRefused,
    /// 429: the caller sends more requests than its rate allows.
    TooManyRequests,
    /// 500: the server failed; its log has the cause under the request's id.
    Internal,
    /// 500: a record does not match its hash: it was altered after it was recorded.
    RecordAltered,
    /// 501: the body has a transfer coding that the server does not decode.
    UnknownTransferCoding,
    /// 503: the server has too much work; the same request can be sent again later.
    Busy,
    /// 503: the caller has its share of a resource already; others are served.
    ShareFull,
    /// 503: the model is not loaded yet, or the server is stopping.
    NotReady,
    /// 503: the network did not end its run in time; the same request may do it again.
    NetworkHung,
    /// 503: the database of records cannot be reached or written.
    StoreUnavailable,
}

impl ProblemKind {
    /// The HTTP status, 400 to 599.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedHead | Self::MalformedBody => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTimeout => 408,
            Self::CustomerErased => 410,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Disagreement | Self::ErasedMeanwhile | Self::UnderWay => 409,
            Self::InvalidContent | Self::KeyReused | Self::NotVerifiable | Self::BundleRefused => {
                422
            }
            Self::TooManyRequests => 429,
            Self::Internal | Self::RecordAltered => 500,
            Self::UnknownTransferCoding => 501,
            Self::Busy
            | Self::ShareFull
            | Self::NotReady
            | Self::NetworkHung
            | Self::StoreUnavailable => 503,
        }
    }

    /// The last part of the `type`, which names the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        let identifier = self.identifier();
        identifier.rsplit(':').next().unwrap_or(identifier)
    }

    /// The `type` of a problem: a URN that ends with the kind's name.
    fn identifier(self) -> &'static str {
        self.into()
    }

    /// The kind in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedHead => "The head of the request is not valid",
            Self::MalformedBody => "The body is not JSON",
            Self::Unauthorized => "A key is needed",
            Self::Forbidden => "The key is not good for this",
            Self::NotFound => "Nothing is here",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::BodyTimeout => "The body did not arrive in time",
            Self::CustomerErased => "The customer was erased",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The media type is not supported",
            Self::Disagreement => "The explanation comes out otherwise",
            Self::ErasedMeanwhile => "The customer was erased meanwhile",
            Self::UnderWay => "The request is under way",
            Self::KeyReused => "The idempotency key is another request's",
            Self::InvalidContent => "The content is not valid",
            Self::NotVerifiable => "The explanation cannot be computed again",
            Self::BundleRefused => "A bundle does not load",
            Self::TooManyRequests => "Too many requests",
            Self::Internal => "The server failed",
            Self::RecordAltered => "The record was altered",
            Self::UnknownTransferCoding => "The transfer coding is not known",
            Self::Busy => "The server is busy",
            Self::ShareFull => "The caller's share is full",
            Self::NotReady => "The server is not ready",
            Self::NetworkHung => "The network does not return",
            Self::StoreUnavailable => "The records cannot be reached",
        }
    }
}

/// An error as a document. It never holds a value of a history, nor internals of the server.
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
    errors: Vec<BodyFault>,
    /// Where a recorded explanation and the one computed now differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    #[serde(skip)]
    kind: ProblemKind,
}

/// One fault of a body.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
struct BodyFault {
    /// JSON Pointer into the body (RFC 6901); empty for the body as a whole.
    pointer: String,
    /// What was expected there.
    detail: String,
}

/// One place where record and recomputation are not the same.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Difference {
    /// JSON Pointer into the explanation (RFC 6901).
    pub pointer: String,
    /// What the record says there; `null` if nothing.
    pub recorded: Value,
    /// What was computed now; `null` if nothing.
    pub computed: Value,
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

    /// A problem at one place of the body, which a JSON Pointer names (RFC 6901); the empty pointer is the whole body.
    #[must_use]
    pub fn at(kind: ProblemKind, pointer: impl Into<String>, fault: impl Into<String>) -> Self {
        let (pointer, fault) = (pointer.into(), fault.into());
        let detail = match pointer.as_str() {
            "" => fault.clone(),
            pointer => format!("{pointer}: {fault}"),
        };
        Self {
            errors: vec![BodyFault {
                pointer,
                detail: fault,
            }],
            ..Self::new(kind, detail)
        }
    }

    /// A recorded explanation that differs from its recomputation, and where.
    #[must_use]
    pub fn disagreement(differences: Vec<Difference>) -> Self {
        let detail =
            "computed again, the explanation differs from its record; `differences` says where";
        Self {
            differences,
            ..Self::new(ProblemKind::Disagreement, detail)
        }
    }

    /// The same problem, on a line of the input, from 1.
    #[must_use]
    pub fn on_line(self, line: u64) -> Self {
        Self {
            line: NonZeroU64::new(line),
            ..self
        }
    }

    /// The detail: this case in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The problem's kind.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_of_the_body_has_its_pointer() {
        let problem = Problem::at(ProblemKind::InvalidContent, "/as_of", "expected a time");
        assert_eq!(
            serde_json::to_value(problem).unwrap(),
            serde_json::json!({
                "type": "urn:microseg:problem:invalid-content",
                "title": "The content is not valid",
                "status": 422,
                "detail": "/as_of: expected a time",
                "errors": [{"pointer": "/as_of", "detail": "expected a time"}],
            })
        );
    }

    #[test]
    fn type_ends_with_the_name_in_kebab_case() {
        let kind = ProblemKind::UnsupportedMediaType;
        assert_eq!(
            kind.identifier(),
            "urn:microseg:problem:unsupported-media-type"
        );
        assert_eq!(kind.name(), "unsupported-media-type");
    }
}
