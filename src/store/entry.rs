//! Entries of the chain as a database takes them and gives them back.

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::backend::Transaction;
use super::draft::KeptInput;
use super::error::StoreError;
use super::seal::seal;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An explanation, erased or not.
    Explanation,
    /// The erasing of explanations.
    Erasure,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Explanation => "explanation",
            Self::Erasure => "erasure",
        }
    }
}

/// The last entry of the chain.
#[derive(Debug)]
pub(super) struct Head {
    /// Its number; 0 when there is none.
    pub(super) sequence: u64,
    pub(super) sha256: String,
}

/// A document that is to become an entry, and what belongs to it.
pub(super) struct Unsealed<'a> {
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    pub(super) created_at: Timestamp,
    pub(super) customer_id: Option<&'a str>,
    pub(super) document: &'a [u8],
    pub(super) input: Option<&'a KeptInput>,
}

/// A new entry.
pub(super) struct Entry<'a> {
    pub(super) sequence: u64,
    pub(super) previous_sha256: &'a str,
    pub(super) document_sha256: &'a str,
    pub(super) record_sha256: &'a str,
    /// Sealed.
    pub(super) document: &'a [u8],
    /// The same without its seal.
    pub(super) unsealed: &'a Unsealed<'a>,
}

/// An entry whose content is taken away, or was: what stays of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tombstone {
    pub(super) sequence: u64,
    pub(super) record_sha256: String,
}

impl Tombstone {
    /// From numbers and checksums as a database keeps them; in the order of the chain.
    pub(super) fn in_order(rows: Vec<(i64, String)>) -> Vec<Self> {
        let mut tombstones: Vec<Self> = rows
            .into_iter()
            .map(|(sequence, record_sha256)| Self {
                sequence: sequence.cast_unsigned(),
                record_sha256,
            })
            .collect();
        tombstones.sort_unstable_by_key(|tombstone| tombstone.sequence);
        tombstones
    }
}

/// An entry as an audit finds it, whatever has been done to it. What cannot be read is empty.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) sequence: i64,
    /// Whether every column could be read.
    pub(super) is_readable: bool,
    pub(super) kind: String,
    pub(super) previous_sha256: String,
    pub(super) document_sha256: String,
    pub(super) record_sha256: String,
    pub(super) id: Option<String>,
    /// Milliseconds since 1970.
    pub(super) created_at: Option<i64>,
    /// Whether the entry is found when its customer is looked for, or is nobody's.
    pub(super) is_indexed: bool,
    pub(super) content: Option<Content>,
}

/// What erasing takes away.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) customer_id: Option<String>,
    pub(super) document: Vec<u8>,
}

/// Seals a document and adds it to the chain; gives back the sealed bytes.
pub(super) async fn link(
    transaction: &mut Transaction,
    unsealed: &Unsealed<'_>,
) -> Result<Vec<u8>, StoreError> {
    // Read inside the transaction: another process may have added to the chain.
    let head = transaction.head().await?;
    let sealed = seal(unsealed.document, &head.sha256);
    let entry = Entry {
        sequence: head.sequence.saturating_add(1),
        previous_sha256: &head.sha256,
        document_sha256: &sealed.document_sha256,
        record_sha256: &sealed.record_sha256,
        document: &sealed.document,
        unsealed,
    };
    transaction.insert(&entry).await?;
    Ok(sealed.document)
}

/// A moment to the precision that records have.
pub(super) fn milliseconds(moment: Timestamp) -> i64 {
    moment
        .round(Unit::Millisecond)
        .unwrap_or(moment)
        .as_millisecond()
}
