//! Documents of erasures: entries of the chain that list erased explanations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entry::{Kind, Tombstone};
use crate::error::StoreError;

/// The reason of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErasureReason {
    /// This explanation was to be erased.
    Explanation,
    /// All explanations of a customer were to be erased.
    Customer,
    /// The explanations were older than the operator keeps any.
    Retention,
}

#[derive(Serialize)]
struct ErasureDocument<'a> {
    kind: &'static str,
    id: Uuid,
    created_at: String,
    reason: ErasureReason,
    erased: &'a [Tombstone],
}

#[derive(Deserialize)]
struct ErasedMember {
    erased: Vec<Tombstone>,
}

/// The document of an erasure, not yet sealed.
pub(crate) fn write_erasure(
    id: Uuid,
    created_at: Timestamp,
    reason: ErasureReason,
    erased: &[Tombstone],
) -> Result<Vec<u8>, StoreError> {
    let document = ErasureDocument {
        kind: Kind::Erasure.into_str(),
        id,
        created_at: created_at.to_string(),
        reason,
        erased,
    };
    serde_json::to_vec(&document).map_err(|_| StoreError::InvalidRecord("its erasure is no JSON"))
}

/// The tombstones that the document of an erasure lists; `None` when it is no such document.
pub(crate) fn read_tombstones(document: &[u8]) -> Option<Vec<Tombstone>> {
    serde_json::from_slice(document)
        .ok()
        .map(|ErasedMember { erased }| erased)
}
