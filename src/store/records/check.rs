//! Check of one entry: its document against its hashes and its columns.

use super::document_fields::DocumentFields;
use super::seal::{read_seal, record_hash};
use super::stored_entry::{StoredContent, StoredEntry};
use super::summary::RecordSummary;
use crate::fault::Fault;

/// Compares an entry's own columns: a tombstone has no document, and only this hash links it to the entry before it.
pub(crate) fn check_columns(entry: &StoredEntry) -> Result<(), Fault> {
    if !entry.is_readable {
        return Err(Fault::Unreadable);
    }
    if record_hash(&entry.previous_sha256, &entry.document_sha256) != entry.record_sha256 {
        return Err(Fault::RecordHash);
    }
    Ok(())
}

/// Compares an entry's document with its hashes and its columns.
pub(crate) fn check_document(entry: &StoredEntry, content: &StoredContent) -> Result<(), Fault> {
    let seal = read_seal(&content.document).ok_or(Fault::Unreadable)?;
    if seal.computed != seal.document || seal.document != entry.document_sha256 {
        return Err(Fault::DocumentHash);
    }
    if seal.record != entry.record_sha256 {
        return Err(Fault::RecordHash);
    }
    if seal.previous != entry.previous_sha256 {
        return Err(Fault::PreviousHash);
    }
    let fields = DocumentFields::read(&content.document).ok_or(Fault::Unreadable)?;
    let columns = [
        ("kind", entry.kind == fields.kind().into_str()),
        ("id", entry.id.as_ref() == Some(&fields.id)),
        ("created_at", entry.created_at == fields.created_at()),
        ("customer_id", content.customer_id == fields.customer_id),
        ("customer_bucket", entry.is_indexed),
        ("summary", is_summary_right(entry, content)),
    ];
    match columns.into_iter().find(|(_, agrees)| !agrees) {
        Some((name, _)) => Err(Fault::Column { name }),
        None => Ok(()),
    }
}

/// Whether the entry's summary is that of its document. Version 0.1 wrote none.
fn is_summary_right(entry: &StoredEntry, content: &StoredContent) -> bool {
    entry.summary.as_deref().is_none_or(|text| {
        let read = RecordSummary::read(text);
        read.is_some() && read == RecordSummary::of_document(&content.document)
    })
}

/// Checks an explanation that is to be served: its whole entry, and its content, which must be there.
pub(crate) fn check_record(entry: &StoredEntry) -> Result<&StoredContent, Fault> {
    check_columns(entry)?;
    let content = entry.content.as_ref().ok_or(Fault::Missing)?;
    check_document(entry, content)?;
    Ok(content)
}
