//! Members of a document that every record has, as they are read back from its bytes.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::entry::Kind;
use crate::timestamp::milliseconds;

/// Members of a document that every record has.
#[derive(Deserialize)]
pub(crate) struct DocumentFields {
    /// A UUID in its usual form.
    pub(crate) id: String,
    created_at: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    pub(crate) customer_id: Option<String>,
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

impl DocumentFields {
    /// Reads a document; `None` when it is no object in JSON and UTF-8, or lacks a member that every record has.
    pub(crate) fn read(document: &[u8]) -> Option<Self> {
        let text = str::from_utf8(document).ok()?;
        // The seal goes before the last byte.
        text.ends_with('}')
            .then(|| serde_json::from_str(text).ok())
            .flatten()
    }

    /// Milliseconds since 1970.
    pub(crate) fn created_at(&self) -> Option<i64> {
        self.created_at.parse().ok().map(milliseconds)
    }

    /// Whether the document describes an erasure.
    pub(crate) fn is_erasure(&self) -> bool {
        self.kind.as_deref() == Some(Kind::Erasure.into_str())
    }

    /// The kind of entry that the document belongs to.
    pub(crate) fn kind(&self) -> Kind {
        if self.is_erasure() {
            Kind::Erasure
        } else {
            Kind::Explanation
        }
    }

    /// Whether the document has any member of a seal.
    pub(crate) fn is_sealed(&self) -> bool {
        self.previous_sha256 || self.document_sha256 || self.record_sha256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_that_is_not_utf8_has_no_fields() {
        let document = b"{\"id\":\"\xff\",\"created_at\":\"\"}";
        assert!(DocumentFields::read(document).is_none());
    }
}
