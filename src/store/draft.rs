//! Drafts: documents on their way into the chain, and what a document says of itself.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::admission::Admission;
use super::entry::{Kind, milliseconds};
use super::error::StoreError;
use microseg_history::Identifier;

/// A document on its way into the chain.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The explanation's id; the document's `id`.
    pub id: Uuid,
    /// When it was made; to the millisecond, the document's `created_at`.
    pub created_at: Timestamp,
    /// Whom it is about; the document's `customer_id`.
    pub customer_id: Option<Identifier>,
    /// A JSON object in UTF-8 that ends with its brace. Its members above agree with the fields above, and none is
    /// called `previous_sha256`, `document_sha256` or `record_sha256`.
    pub document: Vec<u8>,
    /// What is kept of the input. It is not in the chain.
    pub input: KeptInput,
    /// Whether a job made it: then it is taken only while that job is under way.
    pub of_job: bool,
    /// When what asked for it was admitted: it is not taken when its customer was erased after that.
    pub admitted: Admission,
}

/// What is kept of an explanation's input beside the explanation, as the bytes that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptInput {
    /// Nothing but the digest that stands in the explanation.
    Digest,
    /// The totals: enough to compute the explanation again.
    Totals(Vec<u8>),
    /// The whole request.
    History(Vec<u8>),
}

impl KeptInput {
    /// The name of its form in the database.
    pub(super) fn form(&self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Totals(_) => "totals",
            Self::History(_) => "history",
        }
    }

    /// What a database kept under the name of a form.
    pub(super) fn of_form(form: Option<&str>, bytes: Option<Vec<u8>>) -> Self {
        match (form, bytes) {
            (Some("totals"), Some(bytes)) => Self::Totals(bytes),
            (Some("history"), Some(bytes)) => Self::History(bytes),
            _ => Self::Digest,
        }
    }

    /// The bytes beside the explanation.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Digest => None,
            Self::Totals(bytes) | Self::History(bytes) => Some(bytes),
        }
    }
}

impl Draft {
    /// Everything that an audit will hold against the record.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let facts = Facts::read(&self.document).ok_or(StoreError::Draft(
            "expected a JSON object that ends with its brace and has id and created_at",
        ))?;
        let fault = if facts.is_sealed() {
            "it is sealed already"
        } else if facts.is_erasure() {
            "it calls itself an erasure"
        } else if facts.id != self.id.to_string() {
            "its id is another one"
        } else if facts.created_at() != Some(milliseconds(self.created_at)) {
            "its created_at is another one"
        } else if facts.customer_id.as_deref() != self.customer_id.as_ref().map(Identifier::as_str)
        {
            "its customer_id is another one"
        } else {
            return Ok(());
        };
        Err(StoreError::Draft(fault))
    }

    /// The bytes that wait with it.
    pub(super) fn size(&self) -> usize {
        self.document.len() + self.input.bytes().map_or(0, <[u8]>::len)
    }
}

/// What a document says of itself.
#[derive(Deserialize)]
pub(super) struct Facts {
    /// A UUID in its usual form.
    pub(super) id: String,
    created_at: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    pub(super) customer_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    previous_sha256: bool,
    #[serde(default, deserialize_with = "present")]
    document_sha256: bool,
    #[serde(default, deserialize_with = "present")]
    record_sha256: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl Facts {
    /// Reads a document; `None` when it is no object in JSON and UTF-8, or does not say what every record says.
    pub(super) fn read(document: &[u8]) -> Option<Self> {
        let text = str::from_utf8(document).ok()?;
        // The seal goes before the last byte.
        text.ends_with('}')
            .then(|| serde_json::from_str(text).ok())
            .flatten()
    }

    /// Milliseconds since 1970.
    pub(super) fn created_at(&self) -> Option<i64> {
        self.created_at.parse().ok().map(milliseconds)
    }

    fn is_erasure(&self) -> bool {
        self.kind.as_deref() == Some(Kind::Erasure.as_str())
    }

    pub(super) fn kind(&self) -> Kind {
        if self.is_erasure() {
            Kind::Erasure
        } else {
            Kind::Explanation
        }
    }

    fn is_sealed(&self) -> bool {
        self.previous_sha256 || self.document_sha256 || self.record_sha256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(document: &str) -> Draft {
        Draft {
            id: Uuid::nil(),
            created_at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            customer_id: Some(Identifier::parse("c").unwrap()),
            document: document.into(),
            input: KeptInput::Digest,
            of_job: false,
            admitted: Admission { erasure: 0 },
        }
    }

    #[test]
    fn a_draft_says_what_its_record_will_be_held_to() {
        let whole = format!(
            r#"{{"id":"{}","created_at":"2026-01-02T03:04:05.678Z","customer_id":"c"}}"#,
            Uuid::nil()
        );
        assert!(draft(&whole).check().is_ok());
        for (from, to) in [
            ("00-00", "00-01"),
            ("678", "679"),
            ("\"c\"", "\"d\""),
            ("\"c\"", "null"),
            ("\"c\"}", "\"c\"}\n"),
            ("\"c\"}", "\"c\",\"kind\":\"erasure\"}"),
            ("\"c\"}", "\"c\",\"previous_sha256\":null}"),
            ("\"c\"}", "\"c\",\"document_sha256\":1}"),
            ("\"c\"}", "\"c\",\"record_sha256\":\"\"}"),
            ("\"c\"}", "\"c\",\"customer_id\":\"d\"}"),
            ("created_at", "made_at"),
        ] {
            let refused = draft(&whole.replacen(from, to, 1)).check();
            assert!(
                matches!(refused, Err(StoreError::Draft(_))),
                "{from} -> {to}"
            );
        }
        let (id, text) = (b"{\"id\":\"", b"\xff\"}");
        assert!(
            Facts::read(&[&id[..], text].concat()).is_none(),
            "not UTF-8"
        );
    }
}
