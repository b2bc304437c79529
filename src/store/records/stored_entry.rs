//! Entries of the chain as an audit reads them.

/// An entry as an audit reads it, after any change to the database. A column that cannot be read is empty.
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
    pub(crate) content: Option<StoredContent>,
}

/// The part of an entry that erasing removes.
#[derive(Debug, Clone)]
pub(crate) struct StoredContent {
    pub(crate) customer_id: Option<String>,
    pub(crate) document: Vec<u8>,
}
