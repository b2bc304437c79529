//! The documents of erasures.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entry::{Kind, Tombstone};
use super::error::StoreError;

/// Why explanations were erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// Somebody asked for this one.
    Explanation,
    /// Somebody asked for all of a customer's.
    Customer,
    /// They were older than the operator keeps any.
    Retention,
}

#[derive(Serialize)]
struct Document<'a> {
    kind: &'static str,
    id: Uuid,
    created_at: String,
    reason: Reason,
    erased: &'a [Tombstone],
}

#[derive(Deserialize)]
struct Listed {
    erased: Vec<Tombstone>,
}

/// The document of an erasure, not yet sealed.
pub(super) fn document(
    id: Uuid,
    created_at: Timestamp,
    reason: Reason,
    erased: &[Tombstone],
) -> Result<Vec<u8>, StoreError> {
    let document = Document {
        kind: Kind::Erasure.as_str(),
        id,
        created_at: created_at.to_string(),
        reason,
        erased,
    };
    serde_json::to_vec(&document).map_err(|_| StoreError::Draft("its erasure is no JSON"))
}

/// What the document of an erasure lists; `None` when it is no such document.
pub(super) fn listed(document: &[u8]) -> Option<Vec<Tombstone>> {
    serde_json::from_slice(document)
        .ok()
        .map(|Listed { erased }| erased)
}
