//! Entries of the chain as they are written.

use jiff::Timestamp;
use microseg_access::Tenant;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use uuid::Uuid;

use super::kept_input::KeptInput;

/// The kind of an entry, under its name in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(crate) enum Kind {
    /// An explanation, erased or not.
    Explanation,
    /// An erasure of explanations.
    Erasure,
}

/// The last entry of the chain.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// Its number; 0 when the chain is empty.
    pub(crate) sequence: u64,
    /// Its hash; that of [`super::seal::GENESIS`] when the chain is empty.
    pub(crate) sha256: String,
}

/// The last entry of a chain that has one, to be published or noted as an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// Its number.
    pub sequence: u64,
    /// Its hash, in lower-case hex.
    pub record_sha256: String,
}

/// A document that is to become an entry, with its columns.
pub(crate) struct Unsealed<'a> {
    pub(crate) kind: Kind,
    /// The default one for erasures, which are of the whole chain.
    pub(crate) tenant: &'a Tenant,
    pub(crate) id: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) customer_id: Option<&'a str>,
    pub(crate) document: &'a [u8],
    pub(crate) input: Option<&'a KeptInput>,
    /// The text of its summary; an erasure has none.
    pub(crate) summary: Option<&'a str>,
}

/// A new entry.
pub(crate) struct Entry<'a> {
    pub(crate) sequence: u64,
    pub(crate) previous_sha256: &'a str,
    pub(crate) document_sha256: &'a str,
    pub(crate) record_sha256: &'a str,
    /// The sealed document.
    pub(crate) document: &'a [u8],
    /// The same without its seal.
    pub(crate) unsealed: &'a Unsealed<'a>,
}

/// What remains of an entry whose content is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) sequence: u64,
    pub(crate) record_sha256: String,
}

impl Tombstone {
    /// Tombstones in the order of the chain, from rows (number, hash) of a database.
    pub(crate) fn from_rows(rows: Vec<(i64, String)>) -> Vec<Self> {
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
