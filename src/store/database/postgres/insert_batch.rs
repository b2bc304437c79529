//! Batch of entries that are inserted in one statement.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use crate::customer_bucket::bucket_of;
use crate::records::entry::Entry;
use crate::records::kept_input::KeptInput;
use crate::timestamp::milliseconds;

/// The most bytes of documents and inputs in a batch, after which it is sent.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Entries by their columns, as `unnest` takes them.
#[derive(Default)]
pub(super) struct InsertBatch {
    sequences: Vec<i64>,
    kinds: Vec<&'static str>,
    previous_hashes: Vec<String>,
    document_hashes: Vec<String>,
    record_hashes: Vec<String>,
    ids: Vec<String>,
    created: Vec<i64>,
    buckets: Vec<Option<i64>>,
    summaries: Vec<Option<String>>,
    customers: Vec<Option<String>>,
    documents: Vec<Vec<u8>>,
    input_forms: Vec<Option<&'static str>>,
    inputs: Vec<Option<Vec<u8>>>,
    tenants: Vec<String>,
    bytes: usize,
}

impl InsertBatch {
    pub(super) fn add(&mut self, entry: &Entry<'_>) {
        let unsealed = entry.unsealed;
        let input = unsealed.input.and_then(KeptInput::bytes);
        self.sequences.push(entry.sequence.cast_signed());
        self.kinds.push(unsealed.kind.into_str());
        self.previous_hashes.push(entry.previous_sha256.to_owned());
        self.document_hashes.push(entry.document_sha256.to_owned());
        self.record_hashes.push(entry.record_sha256.to_owned());
        self.ids.push(unsealed.id.to_string());
        self.created.push(milliseconds(unsealed.created_at));
        self.buckets.push(unsealed.customer_id.map(bucket_of));
        self.summaries.push(unsealed.summary.map(str::to_owned));
        self.customers.push(unsealed.customer_id.map(str::to_owned));
        self.documents.push(entry.document.to_vec());
        self.input_forms.push(unsealed.input.map(KeptInput::form));
        self.inputs.push(input.map(<[u8]>::to_vec));
        self.tenants.push(unsealed.tenant.to_string());
        self.bytes += entry.document.len() + input.map_or(0, <[u8]>::len);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Whether the batch is to be sent before another entry is added.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MAX_BYTES
    }

    /// The statement that inserts all entries. References to entries are checked at its end.
    pub(super) fn into_query(self) -> Query<'static, sqlx::Postgres, PgArguments> {
        sqlx::query(
            "WITH noted AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], \
             $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::bytea[], $12::text[], $13::bytea[], \
             $14::text[]) AS noted \
             (sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, customer_bucket, \
             summary, customer_id, document, input_form, input, tenant)), \
             added AS (INSERT INTO entries (sequence, kind, previous_sha256, document_sha256, record_sha256, id, \
             created_at, customer_bucket, summary) SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, \
             created_at, customer_bucket, summary FROM noted) \
             INSERT INTO contents (sequence, customer_id, document, input_form, input, tenant) \
             SELECT sequence, customer_id, document, input_form, input, tenant FROM noted",
        )
        .bind(self.sequences)
        .bind(self.kinds)
        .bind(self.previous_hashes)
        .bind(self.document_hashes)
        .bind(self.record_hashes)
        .bind(self.ids)
        .bind(self.created)
        .bind(self.buckets)
        .bind(self.summaries)
        .bind(self.customers)
        .bind(self.documents)
        .bind(self.input_forms)
        .bind(self.inputs)
        .bind(self.tenants)
    }
}
