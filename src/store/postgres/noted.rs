//! Entries that are noted on their way into the database, which takes many at once.

use crate::bucket::bucket;
use crate::draft::KeptInput;
use crate::entry::{Entry, milliseconds};

/// The most bytes of documents and inputs to note before they are sent.
const MOST: usize = 8 * 1024 * 1024;

/// Entries by their columns, as `unnest` takes them.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) sequences: Vec<i64>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) previous_hashes: Vec<String>,
    pub(super) document_hashes: Vec<String>,
    pub(super) record_hashes: Vec<String>,
    pub(super) ids: Vec<String>,
    pub(super) created: Vec<i64>,
    pub(super) buckets: Vec<Option<i64>>,
    pub(super) customers: Vec<Option<String>>,
    pub(super) documents: Vec<Vec<u8>>,
    pub(super) input_forms: Vec<Option<&'static str>>,
    pub(super) inputs: Vec<Option<Vec<u8>>>,
    bytes: usize,
}

impl Noted {
    pub(super) fn add(&mut self, entry: &Entry<'_>) {
        let unsealed = entry.unsealed;
        let input = unsealed.input.and_then(KeptInput::bytes);
        self.sequences.push(entry.sequence.cast_signed());
        self.kinds.push(unsealed.kind.as_str());
        self.previous_hashes.push(entry.previous_sha256.to_owned());
        self.document_hashes.push(entry.document_sha256.to_owned());
        self.record_hashes.push(entry.record_sha256.to_owned());
        self.ids.push(unsealed.id.to_string());
        self.created.push(milliseconds(unsealed.created_at));
        self.buckets.push(unsealed.customer_id.map(bucket));
        self.customers.push(unsealed.customer_id.map(str::to_owned));
        self.documents.push(entry.document.to_vec());
        self.input_forms.push(unsealed.input.map(KeptInput::form));
        self.inputs.push(input.map(<[u8]>::to_vec));
        self.bytes += entry.document.len() + input.map_or(0, <[u8]>::len);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Whether they are to be sent before more are noted.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MOST
    }
}
