//! Entries of the chain as they are read back.

use super::kept_input::KeptInput;
use crate::fault::Broken;

/// An entry as it is read back, after any change to the database. A column that cannot be read is empty.
#[derive(Debug, Clone)]
pub(crate) struct StoredEntry {
    pub(crate) sequence: i64,
    /// Whether every column could be read.
    pub(crate) is_readable: bool,
    pub(crate) kind: String,
    pub(crate) previous_sha256: String,
    pub(crate) document_sha256: String,
    pub(crate) record_sha256: String,
    pub(crate) id: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) created_at: Option<i64>,
    /// Whether the bucket is that of the entry's customer, or both are absent.
    pub(crate) is_indexed: bool,
    /// The text of its summary; `None` as version 0.1 wrote it.
    pub(crate) summary: Option<String>,
    pub(crate) content: Option<StoredContent>,
}

/// The part of an entry that erasing removes.
#[derive(Debug, Clone)]
pub(crate) struct StoredContent {
    pub(crate) customer_id: Option<String>,
    pub(crate) document: Vec<u8>,
}

/// An entry, and what was kept of its input.
#[derive(Debug, Clone)]
pub(crate) struct StoredRecord {
    pub(crate) entry: StoredEntry,
    pub(crate) input: KeptInput,
}

/// An explanation's record with what was kept of its input, to be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWithInput {
    /// The record's bytes as they are stored.
    pub document: Vec<u8>,
    /// What was kept of its input.
    pub input: KeptInput,
    /// What is wrong with the record, if it does not match its hashes or its columns: it was altered after it was
    /// recorded.
    pub altered: Option<Broken>,
}
