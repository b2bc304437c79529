//! Answer of one status, and the headers that answers have.

use serde_json::{Value, json};

use super::content::Content;

/// The answer of one status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    /// Each media type that it may have.
    pub(crate) contents: Vec<Content>,
    /// Beyond those that every answer has.
    pub(crate) headers: Vec<Header>,
}

impl Answer {
    /// An answer without content.
    pub(crate) fn empty(status: u16, description: &'static str) -> Self {
        Self {
            status,
            description,
            contents: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// An answer with this content.
    pub(crate) fn new(status: u16, description: &'static str, content: Content) -> Self {
        Self::empty(status, description).or(content)
    }

    /// Another media type of the same answer.
    pub(crate) fn or(mut self, content: Content) -> Self {
        self.contents.push(content);
        self
    }

    /// A header of this answer.
    pub(crate) fn header(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }
}

/// A header that the document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    RequestId,
    ServerTiming,
    RetryAfter,
    WwwAuthenticate,
    ExplanationLocation,
    JobLocation,
    EntityTag,
    PreferenceApplied,
}

impl Header {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::RequestId,
        Self::ServerTiming,
        Self::RetryAfter,
        Self::WwwAuthenticate,
        Self::ExplanationLocation,
        Self::JobLocation,
        Self::EntityTag,
        Self::PreferenceApplied,
    ];

    /// The name in HTTP.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RequestId => "x-request-id",
            Self::ServerTiming => "server-timing",
            Self::RetryAfter => "retry-after",
            Self::WwwAuthenticate => "www-authenticate",
            Self::ExplanationLocation | Self::JobLocation => "location",
            Self::EntityTag => "etag",
            Self::PreferenceApplied => "preference-applied",
        }
    }

    /// The name among the document's components.
    pub(crate) fn component(self) -> &'static str {
        match self {
            Self::RequestId => "RequestId",
            Self::ServerTiming => "ServerTiming",
            Self::RetryAfter => "RetryAfter",
            Self::WwwAuthenticate => "WwwAuthenticate",
            Self::ExplanationLocation => "ExplanationLocation",
            Self::JobLocation => "JobLocation",
            Self::EntityTag => "EntityTag",
            Self::PreferenceApplied => "PreferenceApplied",
        }
    }

    /// What it is for.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::RequestId => {
                "The name of this request in the server's log; your own, if you sent one of 1 to 128 letters, digits and `-_.:`."
            }
            Self::ServerTiming => "What the answer took, by stage, in milliseconds.",
            Self::RetryAfter => "When to come back, in seconds.",
            Self::WwwAuthenticate => "How a key is to be sent (RFC 6750).",
            Self::ExplanationLocation => "Where the explanation is.",
            Self::JobLocation => "Where the job is.",
            Self::EntityTag => "What `if-none-match` may name.",
            Self::PreferenceApplied => "The preference that was met (RFC 7240).",
        }
    }

    /// A value that it may have.
    pub(crate) fn example(self) -> Value {
        match self {
            Self::RequestId => json!("01a22591-bb4e-7501-b9a0-7d0031d40daa"),
            Self::ServerTiming => json!("parse;dur=0.064, network;dur=1.483, total;dur=2.524"),
            Self::RetryAfter => json!(1),
            Self::WwwAuthenticate => json!("Bearer"),
            Self::ExplanationLocation => {
                json!("/v1/explanations/01a22591-bb4f-7100-ae60-39ad60b4a85c")
            }
            Self::JobLocation => json!("/v1/jobs/01a22591-bb4f-7100-ae60-39ad60b4a85c"),
            Self::EntityTag => json!("\"0a1b\""),
            Self::PreferenceApplied => json!("respond-async"),
        }
    }
}
